import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { CloudFormationClient, DescribeStackEventsCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { App, Stack } from 'aws-cdk-lib';
import { BedrockLoggingEndpoint } from '../../support/bedrock-logging-endpoint';
import { BillingEndpoint } from '../../support/billing-endpoint';
import { BedrockFront } from './bedrock-front';
import { listRecordedProfiles } from './recorded-profiles';

const ROOT = join(__dirname, '..', '..', '..');
export const ACCOUNT = '111122223333';
const START_UP_MS = 60_000;

/** No command of the CDK takes as long, unless the emulator waits for an answer that will never come. */
const LONGEST_COMMAND_MS = 400_000;

/** What CloudFormation asked of a resource type that is only recorded. */
export interface Recorded {
  readonly operation: 'create' | 'update' | 'delete';
  readonly type: string;
  readonly id: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** What else the emulator is told. */
export interface Surroundings {
  /** Environment variables of the emulator and of its functions. */
  readonly env?: Readonly<Record<string, string>>;
  /** Values for variables of functions, instead of those that a template has for them. */
  readonly functionVariables?: Readonly<Record<string, string>>;
}

/** How a command of the CDK ended. */
export interface Ended {
  readonly succeeded: boolean;
  /** All that it wrote. */
  readonly output: string;
}

/**
 * A local AWS for one test file: an emulator of its own on a free port, and a programmable endpoint in place of the control plane of
 * Bedrock, which the functions in the emulator call.
 */
export class LocalAws {
  /** Starts both, and bootstraps the Regions for the CDK. */
  public static async start(regions: readonly [string, ...string[]] = ['us-east-1'], surroundings: Surroundings = {}): Promise<LocalAws> {
    const bedrock = await BedrockLoggingEndpoint.start();
    const billing = await BillingEndpoint.start();
    const front = await BedrockFront.start(bedrock.url);
    const aws = new LocalAws(regions[0], await freePort(), bedrock, billing, front, surroundings);
    try {
      await aws.answers();
      const bootstrap = await aws.cdk(['bootstrap', ...regions.map(region => `aws://${ACCOUNT}/${region}`)]);
      if (!bootstrap.succeeded) throw new LocalAwsError(bootstrap.output);
    } catch (error) {
      await aws.stop();
      throw error;
    }
    return aws;
  }

  /** What SDK clients need to talk to the emulator; in another Region than the first, the `region` is to be replaced. */
  public readonly clientOptions: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };

  private readonly folder = mkdtempSync(join(tmpdir(), 'local-aws-'));
  private readonly logFile = logFile(this.folder);
  private readonly recordFile = join(this.folder, 'recorded.jsonl');
  private readonly process: ChildProcess;

  private constructor(
    private readonly region: string, port: number,
    /** The control plane of Bedrock. */
    public readonly bedrock: BedrockLoggingEndpoint,
    /** Cost Explorer, Budgets and Data Exports. */
    public readonly billing: BillingEndpoint,
    private readonly front: BedrockFront,
    { env, functionVariables = {} }: Surroundings,
  ) {
    front.listing = request => listRecordedProfiles(this.recorded, request);
    const endpoint = `http://127.0.0.1:${port}`;
    this.clientOptions = { endpoint, region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
    const log = openSync(this.logFile, 'a');
    mkdirSync(join(this.folder, 'tmp'));
    this.process = spawn(emulatorPython(), [join(__dirname, 'launcher.py')], {
      // the emulator ends when its input does: also when the tests were killed and could not end it
      stdio: ['pipe', log, log],
      // a group of processes of its own, so that its functions can be ended with it
      detached: true,
      env: {
        PATH: process.env.PATH,
        HOME: this.folder,
        TMPDIR: join(this.folder, 'tmp'),
        GATEWAY_PORT: String(port),
        BIND_HOST: '127.0.0.1',
        MINISTACK_HOST: '127.0.0.1',
        MINISTACK_ACCOUNT_ID: ACCOUNT,
        MINISTACK_REGION: region,
        S3_DATA_DIR: join(this.folder, 's3'),
        LAMBDA_EXECUTOR: 'local',
        // the launcher lies in the checkout
        PYTHONDONTWRITEBYTECODE: '1',
        // the only two services that would listen beyond this machine
        IOT_MTLS_ENABLED: '0',
        SFTP_ENABLED: '0',
        RECORD_FILE: this.recordFile,
        // where functions that do not bundle the SDK find it; on AWS it is part of the runtime
        NODE_PATH: join(ROOT, 'node_modules'),
        // the functions inherit them, and the SDK in them prefers them to the address of the emulator
        AWS_ENDPOINT_URL_BEDROCK: front.url,
        AWS_ENDPOINT_URL_COST_EXPLORER: billing.url,
        AWS_ENDPOINT_URL_BUDGETS: billing.url,
        AWS_ENDPOINT_URL_BCM_DATA_EXPORTS: billing.url,
        FUNCTION_VARIABLES: JSON.stringify(functionVariables),
        ...env,
      },
    });
  }

  /** Ends everything that was started. */
  public async stop(): Promise<void> {
    await this.front.stop();
    await this.bedrock.stop();
    await this.billing.close();
    if (!this.hasEnded()) {
      const ended = new Promise(resolve => this.process.once('exit', resolve));
      process.kill(-this.process.pid!, 'SIGKILL'); // the emulator and its functions; it may ignore a polite request
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Kills every function that runs or waits for its next request. */
  public killFunctions(): void {
    execFileSync('pkill', ['-KILL', '-P', String(this.process.pid)]);
  }

  /** Deploys a stack of what is built into it. */
  public async deploy(stackName: string, build: (stack: Stack) => void): Promise<Ended> {
    return this.deployApp(app => { this.addStack(app, stackName, build); });
  }

  /** Destroys a stack. */
  public async destroy(stackName: string, build: (stack: Stack) => void): Promise<Ended> {
    return this.destroyStacks([stackName], app => { this.addStack(app, stackName, build); });
  }

  /** Deploys all stacks of an app, at the same time where they do not depend on each other. */
  public async deployApp(build: (app: App) => void): Promise<Ended> {
    return this.deployAssembly(this.synthesize(build));
  }

  /** Deploys all stacks of an app that was synthesized into a folder. */
  public async deployAssembly(folder: string): Promise<Ended> {
    return this.cdk(['deploy', '--app', folder, '--require-approval', 'never', '--concurrency', '4', '--all']);
  }

  /** Destroys all stacks of an app that was synthesized into a folder. */
  public async destroyAssembly(folder: string): Promise<Ended> {
    return this.cdk(['destroy', '--app', folder, '--force', '--concurrency', '4', '--all']);
  }

  /** Destroys stacks of an app. */
  public async destroyStacks(stackNames: readonly string[], build: (app: App) => void): Promise<Ended> {
    return this.cdk(['destroy', '--app', this.synthesize(build), '--force', ...stackNames]);
  }

  /** The state that CloudFormation gives the stack, or undefined when there is none. */
  public async stackStatus(stackName: string, region = this.region): Promise<string | undefined> {
    try {
      const { Stacks } = await this.cloudFormation(region).send(new DescribeStacksCommand({ StackName: stackName }));
      return Stacks?.[0]?.StackStatus;
    } catch (error) {
      if (String(error).includes('does not exist')) return undefined;
      throw error;
    }
  }

  /** The reasons that CloudFormation gives in the events of a stack, the latest first. */
  public async reasons(stackName: string): Promise<string[]> {
    const { StackEvents } = await this.cloudFormation(this.region).send(new DescribeStackEventsCommand({ StackName: stackName }));
    return (StackEvents ?? []).map(event => event.ResourceStatusReason ?? '').filter(reason => reason !== '');
  }

  /** What CloudFormation asked of resource types that are only recorded. */
  public get recorded(): Recorded[] {
    const text = existsSync(this.recordFile) ? readFileSync(this.recordFile, 'utf8') : '';
    return text.split('\n').filter(line => line !== '').map(line => JSON.parse(line) as Recorded);
  }

  /** What the emulator has written so far. */
  public get log(): string {
    return readFileSync(this.logFile, 'utf8');
  }

  private hasEnded(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  private cloudFormation(region: string): CloudFormationClient {
    return new CloudFormationClient({ ...this.clientOptions, region });
  }

  private addStack(app: App, stackName: string, build: (stack: Stack) => void): void {
    build(new Stack(app, stackName, { env: { account: ACCOUNT, region: this.region } }));
  }

  private synthesize(build: (app: App) => void): string {
    const app = new App({ outdir: mkdtempSync(join(this.folder, 'cdk.out-')), analyticsReporting: false });
    build(app);
    return app.synth().directory;
  }

  private async cdk(args: string[]): Promise<Ended> {
    const { endpoint, credentials } = this.clientOptions;
    try {
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [
        join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk'), ...args, '--no-notices',
      ], {
        cwd: this.folder,
        maxBuffer: 64 * 1024 * 1024,
        timeout: LONGEST_COMMAND_MS,
        killSignal: 'SIGKILL',
        env: {
          PATH: process.env.PATH,
          HOME: this.folder,
          AWS_ENDPOINT_URL: endpoint,
          AWS_ACCESS_KEY_ID: credentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
          AWS_REGION: this.region,
          AWS_DEFAULT_REGION: this.region,
          AWS_EC2_METADATA_DISABLED: 'true',
          CI: '1',
          CDK_DISABLE_CLI_TELEMETRY: 'true',
        },
      });
      return { succeeded: true, output: stdout + stderr };
    } catch (error) {
      // not `instanceof Error`: the test runner gives modules of Node.js an Error of their own
      if (!(typeof error === 'object' && error !== null && 'stdout' in error && 'stderr' in error)) throw error;
      return { succeeded: false, output: `${String(error.stdout)}${String(error.stderr)}` };
    }
  }

  private async answers(): Promise<void> {
    const deadline = Date.now() + START_UP_MS;
    for (;;) {
      if (this.hasEnded()) throw new LocalAwsError(`the emulator ended by itself:\n${this.log}`);
      if (Date.now() > deadline) throw new LocalAwsError(`the emulator did not start in ${START_UP_MS / 1000} s:\n${this.log}`);
      try {
        await fetch(`${this.clientOptions.endpoint}/_ministack/health`);
        return;
      } catch {
        await new Promise(resolve => setTimeout(resolve, 200));
      }
    }
  }
}

/** The local AWS could not be started. */
class LocalAwsError extends Error {}

/** The interpreter of the environment in which the emulator is installed; installs it when it is not there yet. */
function emulatorPython(): string {
  const output = execFileSync(process.execPath, [join(ROOT, 'scripts', 'install-emulator.mjs')], { encoding: 'utf8' });
  return output.trim().split('\n').at(-1) ?? '';
}

/** Where the emulator writes: a file that is shown when a test of this test file fails, see log-reporter.js. */
function logFile(otherwise: string): string {
  const { testPath = 'emulator' } = expect.getState();
  return join(process.env.LOCAL_AWS_LOGS ?? otherwise, `${basename(testPath)}.log`);
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => { resolve(port); });
    });
  });
}
