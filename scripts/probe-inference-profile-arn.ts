/**
 * What `bedrock:InferenceProfileArn` holds in an account when an application inference profile is called that wraps a system-defined one.
 * AWS does not document it, and policies that let models run through profiles only depend on it.
 *
 * Looks the profile up, then makes two calls of one token with sessions of a role that are limited by a session policy: models may run if
 * the key names the application profile (call A), or if it names the system-defined profile (call B). Which of the calls are refused tells
 * what the key holds. Nothing is changed in the account.
 *
 * Usage: npx tsx scripts/probe-inference-profile-arn.ts --profile-arn <arn> --role-arn <arn>
 */
import { BedrockClient, GetInferenceProfileCommand, paginateListInferenceProfiles } from '@aws-sdk/client-bedrock';
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { Command, CommanderError, InvalidArgumentError } from 'commander';

const WIDTH = 100;
const KEY = 'bedrock:InferenceProfileArn';
const ANY_APPLICATION_PROFILE = 'arn:*:bedrock:*:*:application-inference-profile/*';

/** An API key of Amazon Bedrock in the environment would take the place of the session that is probed with. */
const SIGNED = { authSchemePreference: ['sigv4'] };

enum ExitCode { CONCLUDED = 0, NOT_CONCLUDED = 1, BAD_ARGUMENTS = 2 }

/** Why the probe ends before its end. */
class Ending extends Error {
  constructor(message: string, readonly exitCode: ExitCode) {
    super(message);
  }
}

interface Options {
  readonly profileArn: string;
  readonly roleArn: string;
  readonly systemProfile?: string;
  readonly region?: string;
}

/** The application profile, and what it wraps. */
interface Wrapping {
  readonly profileArn: string;
  readonly systemProfileId: string;
  /** The system-defined profile as the constructs name it: in the account, in any Region. */
  readonly systemProfileArn: string;
  readonly modelArns: string[];
}

/** What became of a call. */
interface Outcome {
  readonly allowed: boolean;
  /** Whether AWS named the model and the session policy when it refused, so that nothing but the condition can be why. */
  readonly byCondition?: boolean;
}

const program = new Command('probe-inference-profile-arn')
  .description(
    `Tells what ${KEY} holds in your account when an application inference profile that wraps a system-defined one is called, `
    + 'and which properties of the constructs to set. Makes two calls of one output token each, which cost far less than a cent together, '
    + 'and changes nothing.',
  )
  .requiredOption('--profile-arn <arn>', 'application inference profile that wraps a system-defined one, of a text model', profileArn)
  .requiredOption('--role-arn <arn>', 'role of the same account that you may assume and that may call the profile; its sessions are limited further', roleArn)
  .option('--system-profile <id>', 'what the profile wraps, such as eu.amazon.nova-lite-v1:0 (default: found by its models)', systemProfile)
  .option('--region <region>', 'Region to call from (default: the Region of the profile)')
  .addHelpText('after', '\nYour own credentials need bedrock:GetInferenceProfile, bedrock:ListInferenceProfiles and'
    + '\nsts:AssumeRole. Exit codes: 0 concluded, 1 could not conclude, 2 bad arguments.')
  .configureOutput({ getOutHelpWidth: () => WIDTH, getErrHelpWidth: () => WIDTH })
  .exitOverride()
  .action(probe);

async function probe(options: Options): Promise<void> {
  const [, partition = '', , profileRegion = '', account = ''] = options.profileArn.split(':');
  const roleAccount = options.roleArn.split(':')[4];
  if (roleAccount !== account) throw new Ending(`the role is in account ${roleAccount} and the profile in ${account}: give a role of the same account`, ExitCode.BAD_ARGUMENTS);

  const region = options.region ?? profileRegion;
  const { systemProfileId, modelArns } = await lookUp(options, region);
  const systemProfileArn = `arn:${partition}:bedrock:*:${account}:inference-profile/${systemProfileId}`;
  const wrapping = { profileArn: options.profileArn, systemProfileId, systemProfileArn, modelArns };
  say(`${options.profileArn} wraps ${systemProfileId}.`, '', `Calls in which models may run only if ${KEY} is the ARN of`);

  const application = await call(options, region, wrapping, options.profileArn);
  say(`  A: the application profile:     ${application.allowed ? 'allowed' : 'refused'}`);
  const system = await call(options, region, wrapping, systemProfileArn);
  say(`  B: the system-defined profile:  ${system.allowed ? 'allowed' : 'refused'}`, '');
  say(...conclude(application, system, wrapping));
}

/** Finds what the profile wraps. AWS does not tell; but a profile has the models of the one that it was copied from. */
async function lookUp({ profileArn, systemProfile }: Options, region: string): Promise<Pick<Wrapping, 'systemProfileId' | 'modelArns'>> {
  const client = new BedrockClient({ region, ...SIGNED });
  const { type, models } = await client.send(new GetInferenceProfileCommand({ inferenceProfileIdentifier: profileArn })).catch(failed('the profile could not be looked up'));
  const modelArns = arnsOf(models);
  if (type !== 'APPLICATION') throw new Ending(`${profileArn} is no application profile: AWS says ${type ?? 'nothing of its type'}`, ExitCode.BAD_ARGUMENTS);
  if (systemProfile !== undefined) return { systemProfileId: systemProfile, modelArns };
  if (modelArns.length < 2) {
    throw new Ending(
      `${profileArn} wraps a foundation model, ${modelArns.join()}, and no system-defined profile. There is nothing to find out about it: it is the only profile that `
      + `${KEY} could name. Give a profile that wraps a system-defined one.`, ExitCode.BAD_ARGUMENTS,
    );
  }
  const candidates = await systemProfilesOf(client, modelArns).catch(failed('the system-defined profiles could not be listed'));
  if (candidates.length === 1) return { systemProfileId: candidates[0], modelArns };
  const found = candidates.length === 0 ? 'no system-defined profile has' : `${candidates.join(' and ')} have`;
  throw new Ending(`${found} the models of the profile: say what it wraps with --system-profile`, ExitCode.NOT_CONCLUDED);
}

async function systemProfilesOf(client: BedrockClient, modelArns: string[]): Promise<string[]> {
  const ids: string[] = [];
  for await (const { inferenceProfileSummaries = [] } of paginateListInferenceProfiles({ client }, { typeEquals: 'SYSTEM_DEFINED' })) {
    const same = inferenceProfileSummaries.filter(({ models }) => arnsOf(models).join() === modelArns.join());
    ids.push(...same.flatMap(({ inferenceProfileId }) => inferenceProfileId ?? []));
  }
  return ids;
}

function arnsOf(models: { modelArn?: string }[] = []): string[] {
  return models.flatMap(({ modelArn }) => modelArn ?? []).sort();
}

/** Calls the profile with a session in which models may run only if the key has this value. */
async function call({ roleArn }: Options, region: string, wrapping: Wrapping, value: string): Promise<Outcome> {
  const { Credentials } = await new STSClient({ region }).send(new AssumeRoleCommand({
    RoleArn: roleArn,
    RoleSessionName: 'probe-inference-profile-arn',
    DurationSeconds: 900,
    Policy: sessionPolicy(wrapping, value),
  })).catch(failed('the role could not be assumed'));
  const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '', SessionToken: sessionToken } = Credentials ?? {};
  const client = new BedrockRuntimeClient({ region, credentials: { accessKeyId, secretAccessKey, sessionToken }, ...SIGNED });
  try {
    await client.send(new ConverseCommand({
      modelId: wrapping.profileArn, messages: [{ role: 'user', content: [{ text: 'ping' }] }], inferenceConfig: { maxTokens: 1 },
    }));
    return { allowed: true };
  } catch (error) {
    return outcomeOf(error as Error);
  } finally {
    client.destroy();
  }
}

function sessionPolicy({ profileArn, systemProfileArn, modelArns }: Wrapping, value: string): string {
  const [, partition = ''] = profileArn.split(':');
  const ids = [...new Set(modelArns.map(arn => arn.split('/').at(-1) ?? ''))];
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: ['bedrock:GetInferenceProfile', 'bedrock:InvokeModel'], Resource: [profileArn, systemProfileArn] },
      {
        Effect: 'Allow',
        Action: 'bedrock:InvokeModel',
        // global profiles are authorized on a model without a Region as well
        Resource: ids.flatMap(id => ['*', ''].map(region => `arn:${partition}:bedrock:${region}::foundation-model/${id}`)),
        Condition: { ArnLike: { [KEY]: value } },
      },
    ],
  });
}

/**
 * Only a refusal that may come from the condition says something about the key: not one on anything but a model, not one by another policy
 * than that of the session, and no error of another kind, such as a model that the account has no access to.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
function outcomeOf({ name, message }: Error): Outcome {
  const refusal = /is not authorized to perform: bedrock:InvokeModel(?: on resource: (?<resource>\S+))?(?: (?:because|with) (?<reason>.+))?$/s.exec(message);
  const { resource, reason } = (refusal?.groups ?? {}) as { resource?: string; reason?: string };
  const onModel = resource?.includes(':foundation-model/');
  const bySession = reason?.includes('no session policy allows');
  if (name === 'AccessDeniedException' && refusal !== null && onModel !== false && bySession !== false) {
    return { allowed: false, byCondition: onModel === true && bySession === true };
  }
  throw new Ending(
    `a call failed for another reason than the condition, which says nothing about the key. Remove the cause and run the probe again. ${name}: ${message}`,
    ExitCode.NOT_CONCLUDED,
  );
}

/** What the outcomes mean; where one call is allowed, nothing but the condition can be why the other is refused. */
function conclude(application: Outcome, system: Outcome, { systemProfileId, systemProfileArn }: Wrapping): string[] {
  if (application.allowed && system.allowed) {
    return [`${KEY} satisfies both conditions in this account. Set nothing: calls through the profile are allowed with the defaults of all constructs.`];
  }
  if (application.allowed) {
    return [`${KEY} names the application profile in this account. Set nothing: the defaults of all constructs are made for that.`];
  }
  if (system.allowed) {
    return [
      `${KEY} names the system-defined profile in this account, so that callers must be let through by its name.`,
      '',
      'In targets of BedrockServiceRole and its like, beside the profile:',
      `  InvocationTarget.systemProfile('${systemProfileId}')`,
      '',
      'In AttributedInvocationPolicy, AttributionBoundary and AttributionGuardrails, where require asks for a profile:',
      '  require: AttributionRequirement.BOTH,',
      '  inferenceProfileArns: [',
      `    '${ANY_APPLICATION_PROFILE}',`,
      `    '${systemProfileArn}',`,
      '  ],',
      '',
      'The system-defined profile can then be called directly too, which is why tags of the caller are required as well. '
      + 'ApplicationInferenceProfile.grants.invoke() alone lets nobody through in this account.',
    ];
  }
  if (application.byCondition === true && system.byCondition === true) {
    return [
      `${KEY} names neither profile in this account: it is absent, or holds something else. No policy can hold models to a profile by it. `
      + 'Attribute by tags of the caller: leave require at AttributionRequirement.PRINCIPAL_TAG, and add InvocationTarget.anyModel() to targets of BedrockServiceRole and its like.',
    ];
  }
  throw new Ending('both calls were refused, and AWS does not say by which policy: the role itself may lack permission. Give it bedrock:InvokeModel and bedrock:GetInferenceProfile '
    + 'on the profile, on the system-defined profile and on the models in all their Regions, without conditions, and run the probe again', ExitCode.NOT_CONCLUDED);
}

function profileArn(value: string): string {
  return matching(value, /^arn:[a-z0-9-]+:bedrock:[a-z0-9-]+:\d{12}:application-inference-profile\/[a-zA-Z0-9]+$/, 'arn:<partition>:bedrock:<region>:<account>:application-inference-profile/<id>');
}

function roleArn(value: string): string {
  return matching(value, /^arn:[a-z0-9-]+:iam::\d{12}:role\/.+$/, 'arn:<partition>:iam::<account>:role/<name>');
}

function systemProfile(value: string): string {
  return matching(value, /^[a-z-]+(\.[a-zA-Z0-9-]+){2,}(:[a-zA-Z0-9.]+)*$/, 'an id like eu.amazon.nova-lite-v1:0');
}

function matching(value: string, pattern: RegExp, allowed: string): string {
  if (!pattern.test(value)) throw new InvalidArgumentError(`Use ${allowed}.`);
  return value;
}

function failed(what: string): (error: Error) => never {
  return ({ name, message }) => { throw new Ending(`${what}: ${name}: ${message}`, ExitCode.NOT_CONCLUDED); };
}

/** Prints lines, broken between words where they are too long; what is indented is to be copied and stays whole. */
function say(...lines: string[]): void {
  process.stdout.write(lines.map(line => `${line.startsWith(' ') ? line : broken(line)}\n`).join(''));
}

function broken(line: string): string {
  let column = 0;
  return line.split(' ').map((word, index) => {
    const fits = index === 0 || column + 1 + word.length <= WIDTH;
    column = fits ? column + (index === 0 ? 0 : 1) + word.length : word.length;
    return index === 0 ? word : `${fits ? ' ' : '\n'}${word}`;
  }).join('');
}

async function main(): Promise<ExitCode> {
  try {
    await program.parseAsync();
    return ExitCode.CONCLUDED;
  } catch (error) {
    // commander has printed what was wrong, or the help that was asked for
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.CONCLUDED : ExitCode.BAD_ARGUMENTS;
    const { message, exitCode } = error instanceof Ending ? error : new Ending((error as Error).message, ExitCode.NOT_CONCLUDED);
    say('', `${exitCode === ExitCode.BAD_ARGUMENTS ? 'Bad arguments' : 'Could not conclude'}: ${message.replace(/\.?$/, '.')}`);
    return exitCode;
  }
}

void main().then(exitCode => { process.exitCode = exitCode; });
