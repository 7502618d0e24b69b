import { createHash } from 'node:crypto';

/**
 * Which of several nested stacks a service belongs to, counted from 0: decided by its id alone, so that other services never move it.
 *
 * Of `count + 1` stacks instead of `count`, only the services of the new stack move, and they come from all the others alike.
 *
 * @see https://arxiv.org/abs/1406.2294 (jump consistent hash)
 */
export function nestedStackOf(serviceId: string, count: number): number {
  let state = BigInt(`0x${createHash('sha256').update(serviceId).digest('hex').slice(0, 16)}`);
  let chosen = -1;
  for (let next = 0; next < count;) {
    chosen = next;
    state = BigInt.asUintN(64, state * 2862933555777941757n + 1n);
    next = Math.floor((chosen + 1) * (2 ** 31 / Number((state >> 33n) + 1n)));
  }
  return chosen;
}

/**
 * The smallest number of nested stacks in which none has more resources than given.
 *
 * @param sizes resources by service id
 * @param room resources that a nested stack may have
 * @param least smallest number to try
 * @param most largest number to try
 */
export function nestedStacksFor(sizes: Map<string, number>, room: number, least: number, most: number): number | undefined {
  if (Math.max(...sizes.values()) > room) return undefined;
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  for (let count = Math.max(least, Math.ceil(total / room)); count <= most; count++) {
    const loads = Array<number>(count).fill(0);
    for (const [serviceId, size] of sizes) loads[nestedStackOf(serviceId, count)] += size;
    if (Math.max(...loads) <= room) return count;
  }
  return undefined;
}
