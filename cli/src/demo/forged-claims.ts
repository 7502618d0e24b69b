import type { BillLine } from './bill-line';
import { ENFORCED_KEYS, GATEWAY, listedTags } from './companion-files';
import { callerName, roleName, tagValue } from './facts';
import { groupBy } from './group-by';
import type { LogRecord } from './log-records';
import type { Forger } from './truth';

/** Requests that declare another value than the single one that is enforced for their caller, and who sent them. */
export function forgedClaims(spend: readonly BillLine[], requests: readonly LogRecord[]): { requests: number; forgers: Forger[] } {
  const lines = groupBy(spend.filter(line => line.caller), line => `${line.account}|${line.caller ? callerName(line.caller) : ''}`);
  const enforcedFor = (account: string, names: readonly string[], key: string): string | null => {
    for (const name of names) {
      const proven = (lines.get(`${account}|${name}`) ?? []).map(({ tags }) => tagValue(tags, 'iamPrincipal/', key));
      const values = new Set(proven.filter(value => value !== null));
      if (values.size > 0) return values.size === 1 ? [...values][0] : null;
    }
    return listedTags(account, names)[key] ?? null;
  };

  const claims = [...groupBy(requests, ({ call: { workload, who } }) => `${workload.account}|${callerName(who)}`).values()].flatMap((ofCaller) => {
    const { workload: { account }, who } = ofCaller[0].call;
    const isGateway = account === GATEWAY.account && who.name === GATEWAY.role;
    return ENFORCED_KEYS.filter(key => !(isGateway && GATEWAY.declaresForOthers.includes(key))).flatMap((key) => {
      const enforced = enforcedFor(account, [callerName(who), roleName(who)], key);
      if (enforced === null) return [];
      return ofCaller.flatMap((record) => {
        const declared = record.call.metadata?.[key];
        if (declared === undefined || declared === enforced) return [];
        return [{ record, key, account, caller: callerName(who), declared, enforced }];
      });
    });
  });
  const alike = groupBy(claims, ({ account, caller, key, declared }) => [account, caller, key, declared].join('|'));
  const forgers = [...alike.values()].map((same): Forger => {
    const { account, caller, key, declared, enforced } = same[0];
    return { account_id: account, caller, key, declared, enforced, requests: same.length };
  });
  return { requests: new Set(claims.map(({ record }) => record)).size, forgers };
}
