import type { AppConfig, Place, ServiceConfig } from './app-config';

/** The configuration cannot be used; the message names everything that is wrong with it. */
export class AppConfigError extends Error {}

/** A bucket name has 63 characters, of which `-logs-`, an account, a hyphen and the longest Region name take 33. */
const BUCKET_PREFIX = /^[a-z0-9][a-z0-9-]{0,29}$/;
const ACCOUNT = /^\d{12}$/;
const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d+$/;
const EMAIL = /^[^@\s]+@[^@\s]+$/;
const PASCAL_CASE = /^[A-Z][A-Za-z0-9]*$/;

/** Throws when the stacks could not be made of the configuration, with all that is wrong with it. */
export function validateAppConfig(config: AppConfig): void {
  const { bucketPrefix, payer, ledger, workloads, monthlyLimits, notifiedEmail, services } = config;
  const problems = [
    ...check('bucketPrefix', bucketPrefix, BUCKET_PREFIX, '1 to 30 lower-case letters, digits and hyphens'),
    ...checkPlace('payer', payer),
    ...checkPlace('ledger', ledger),
    ...checkList('workloads.accounts', workloads.accounts, ACCOUNT, '12 digits'),
    ...checkList('workloads.regions', workloads.regions, REGION, 'a Region name such as us-east-1'),
    ...checkUsd('monthlyLimits.totalUsd', monthlyLimits.totalUsd),
    ...checkUsd('monthlyLimits.unattributedUsd', monthlyLimits.unattributedUsd),
    ...Object.entries(monthlyLimits.byKeyUsd).flatMap(([key, limits]) => (
      Object.entries(limits).flatMap(([value, limitUsd]) => checkUsd(`monthlyLimits.byKeyUsd.${key}.${value}`, limitUsd))
    )),
    ...notifiedEmail === undefined ? [] : check('notifiedEmail', notifiedEmail, EMAIL, 'an e-mail address'),
    ...services.flatMap((service, index) => checkService(`services[${index}]`, service, config)),
    ...checkUnique('services', services.map(({ id, place }) => `${id} in ${place.account} ${place.region}`)),
  ];
  if (problems.length === 0) return;
  throw new AppConfigError(`bin/config.ts has ${problems.length} problem${problems.length === 1 ? '' : 's'}:${problems.map(problem => `\n  - ${problem}`).join('')}`);
}

function checkPlace(path: string, { account, region }: Place): string[] {
  return [
    ...check(`${path}.account`, account, ACCOUNT, '12 digits'),
    ...check(`${path}.region`, region, REGION, 'a Region name such as us-east-1'),
  ];
}

function checkService(path: string, service: ServiceConfig, { workloads }: AppConfig): string[] {
  const models = Object.keys(service.models);
  return [
    ...check(`${path}.id`, service.id, PASCAL_CASE, 'PascalCase letters and digits'),
    ...checkMember(`${path}.place.account`, service.place.account, workloads.accounts, 'workloads.accounts'),
    ...checkMember(`${path}.place.region`, service.place.region, workloads.regions, 'workloads.regions'),
    ...service.monthlyLimitUsd === undefined ? [] : checkUsd(`${path}.monthlyLimitUsd`, service.monthlyLimitUsd),
    ...models.length > 0 ? [] : [`${path}.models is empty: name at least one model, for a service calls models through its profiles only`],
    ...models.flatMap(id => check(`${path}.models has the key`, id, PASCAL_CASE, 'PascalCase letters and digits', '')),
  ];
}

function checkUsd(path: string, value: number): string[] {
  return Number.isFinite(value) && value > 0 ? [] : [`${path} is ${value}: use US dollars, more than 0`];
}

function checkMember(path: string, value: string, list: string[], listPath: string): string[] {
  return list.includes(value) ? [] : [`${path} is ${JSON.stringify(value)}: use one of ${listPath}, or add it there so that its calls are logged`];
}

function checkList(path: string, values: string[], pattern: RegExp, allowed: string): string[] {
  return [
    ...values.length > 0 ? [] : [`${path} is empty: name at least one`],
    ...values.flatMap((value, index) => check(`${path}[${index}]`, value, pattern, allowed)),
    ...checkUnique(path, values),
  ];
}

function checkUnique(path: string, values: string[]): string[] {
  const twice = values.filter((value, index) => values.indexOf(value) !== index);
  return twice.map(value => `${path} has ${JSON.stringify(value)} twice: remove one`);
}

function check(path: string, value: string, pattern: RegExp, allowed: string, is = 'is '): string[] {
  return pattern.test(value) ? [] : [`${path} ${is}${JSON.stringify(value)}: use ${allowed}`];
}
