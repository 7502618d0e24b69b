import * as fc from 'fast-check';
import { nestedStackOf, nestedStacksFor } from '../../lib/inference-profiles/spread-services';

const id = fc.string({ minLength: 1 });
const count = fc.integer({ min: 1, max: 500 });

test('a service goes to one of the stacks', () => {
  fc.assert(fc.property(id, count, (serviceId, stacks) => {
    const index = nestedStackOf(serviceId, stacks);
    expect(Number.isInteger(index) && index >= 0 && index < stacks).toBe(true);
  }));
});

test('one stack more moves a service to the new stack or not at all', () => {
  fc.assert(fc.property(id, count, (serviceId, stacks) => {
    expect([nestedStackOf(serviceId, stacks), stacks]).toContain(nestedStackOf(serviceId, stacks + 1));
  }));
});

test('a thousand services fill ten stacks evenly, give or take a third', () => {
  const loads = Array<number>(10).fill(0);
  for (let index = 0; index < 1000; index++) loads[nestedStackOf(`service-${index}`, 10)]++;
  expect(Math.min(...loads)).toBeGreaterThan(66);
  expect(Math.max(...loads)).toBeLessThan(134);
});

// where a service lies must never change with a release of this library
test.each([['checkout', 0], ['checkout', 4, 10], ['search', 7, 10], ['support-bot', 9, 10]])('%s lies in stack %i for ever', (serviceId, index, stacks = 1) => {
  expect(nestedStackOf(serviceId, stacks)).toBe(index);
});

test('the number of stacks that is proposed is enough', () => {
  const resources = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 60 });
  fc.assert(fc.property(resources, fc.integer({ min: 1, max: 5 }), (list, least) => {
    const sizes = new Map(list.map((size, index) => [`service-${index}`, size]));
    const stacks = nestedStacksFor(sizes, 100, least, 500) ?? 0;
    const loads = Array<number>(stacks).fill(0);
    for (const [serviceId, size] of sizes) loads[nestedStackOf(serviceId, stacks)] += size;
    expect(stacks).toBeGreaterThanOrEqual(least);
    expect(Math.max(...loads)).toBeLessThanOrEqual(100);
  }));
});

test('no number is proposed when a service is too large, or when the most stacks are too few', () => {
  expect(nestedStacksFor(new Map([['a', 101]]), 100, 1, 500)).toBeUndefined();
  expect(nestedStacksFor(new Map([['a', 100], ['b', 100], ['c', 100]]), 100, 1, 2)).toBeUndefined();
});
