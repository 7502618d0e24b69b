import { DeleteModelInvocationLoggingConfigurationCommand, PutModelInvocationLoggingConfigurationCommand } from '@aws-sdk/client-bedrock';
import fc from 'fast-check';
import { OnDrift, OnForeignConfiguration } from '../../../lib/invocation-logging/handlers/enums';
import { createEvent, deleteEvent, type Extras, HandlerWorld, OURS, updateEvent } from './handler-world';

/** What can happen to an account and Region, in any order. */
type Happening =
  | { readonly kind: 'deploy'; readonly bucket: string; readonly onForeign: OnForeignConfiguration; readonly restOfStackFails: boolean }
  | { readonly kind: 'destroy' }
  | { readonly kind: 'somebody puts'; readonly bucket: string }
  | { readonly kind: 'somebody deletes' }
  | { readonly kind: 'drift check'; readonly onDrift: OnDrift };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({
    kind: fc.constant('deploy' as const),
    bucket: fc.constantFrom('ours-1', 'ours-2'),
    onForeign: fc.constantFrom(...Object.values(OnForeignConfiguration)),
    restOfStackFails: fc.boolean(),
  }),
  fc.constant({ kind: 'destroy' as const }),
  fc.record({ kind: fc.constant('somebody puts' as const), bucket: fc.constantFrom('theirs-1', 'theirs-2') }),
  fc.constant({ kind: 'somebody deletes' as const }),
  fc.record({ kind: fc.constant('drift check' as const), onDrift: fc.constantFrom(...Object.values(OnDrift)) }),
);

interface Wish {
  readonly configuration: typeof OURS;
  readonly extras: Extras;
}

/** An account and Region with one stack in it, deployed and rolled back as CloudFormation does, and other people. */
class Region {
  public readonly world = new HandlerWorld();
  /** The bucket that is configured. */
  public live: string | undefined;
  /** The foreign buckets that a handler replaced or deleted. */
  public readonly harmed: string[] = [];
  private wish: Wish | undefined;

  public constructor() {
    this.set(undefined);
    this.world.bedrock.on(PutModelInvocationLoggingConfigurationCommand).callsFake(({ loggingConfig }: { loggingConfig: typeof OURS }) => {
      this.noteHarm();
      this.set(loggingConfig.s3Config?.bucketName);
      return {};
    });
    this.world.bedrock.on(DeleteModelInvocationLoggingConfigurationCommand).callsFake(() => {
      this.noteHarm();
      this.set(undefined);
      return {};
    });
  }

  /** @returns whether a rollback failed, which leaves a stack stuck */
  public async happens(what: Happening): Promise<boolean> {
    switch (what.kind) {
      case 'deploy': return this.deploy({ configuration: wanted(what.bucket), extras: { onForeign: what.onForeign } }, what.restOfStackFails);
      case 'destroy': return this.destroy();
      case 'somebody puts': this.set(what.bucket); return false;
      case 'somebody deletes': this.set(undefined); return false;
      case 'drift check':
        await this.world.check({ 'detail-type': 'Scheduled Event', 'detail': {} } as Parameters<HandlerWorld['check']>[0], { onDrift: what.onDrift });
        return false;
    }
  }

  private async deploy(wish: Wish, restOfStackFails: boolean): Promise<boolean> {
    const before = this.wish;
    if (before === undefined) {
      const answer = await this.world.request(createEvent(wish.configuration, wish.extras));
      if (answer.Status === 'SUCCESS' && !restOfStackFails) {
        this.wish = wish;
        return false;
      }
      const undone = await this.world.request(deleteEvent(wish.configuration, answer.PhysicalResourceId, wish.extras));
      return undone.Status === 'FAILED';
    }
    const answer = await this.world.request(updateEvent(wish.configuration, before.configuration, wish.extras, before.extras));
    if (answer.Status === 'SUCCESS' && !restOfStackFails) {
      this.wish = wish;
      return false;
    }
    const undone = await this.world.request(updateEvent(before.configuration, wish.configuration, before.extras, wish.extras));
    return undone.Status === 'FAILED';
  }

  private async destroy(): Promise<boolean> {
    if (this.wish === undefined) return false;
    const { configuration, extras } = this.wish;
    this.wish = undefined;
    return (await this.world.request(deleteEvent(configuration, undefined, extras))).Status === 'FAILED';
  }

  private set(bucket: string | undefined): void {
    this.live = bucket;
    this.world.live(bucket === undefined ? undefined : wanted(bucket));
  }

  private noteHarm(): void {
    if (this.live?.startsWith('theirs') === true) this.harmed.push(this.live);
  }
}

function wanted(bucketName: string): typeof OURS {
  return { ...OURS, s3Config: { bucketName } };
}

const isHarmless = (what: Happening): boolean => !(what.kind === 'deploy' && what.onForeign === OnForeignConfiguration.OVERWRITE)
  && !(what.kind === 'drift check' && what.onDrift === OnDrift.REPAIR);

/** Lets things happen and tells what came of it. */
async function history(happenings: Happening[]): Promise<{ region: Region; stuck: boolean }> {
  const region = new Region();
  try {
    let stuck = false;
    for (const what of happenings) stuck = await region.happens(what) || stuck;
    return { region, stuck };
  } finally {
    region.world.restore();
  }
}

const RUNS = { numRuns: 200, endOnFailure: true };

test('whatever happens, no foreign configuration is replaced or deleted unless somebody said overwrite or repair', async () => {
  await fc.assert(fc.asyncProperty(fc.array(happening.filter(isHarmless), { maxLength: 12 }), async happenings => {
    expect((await history(happenings)).region.harmed).toEqual([]);
  }), RUNS);
});

test('whatever happens, no rollback and no deletion gets stuck', async () => {
  await fc.assert(fc.asyncProperty(fc.array(happening, { maxLength: 12 }), async happenings => {
    expect((await history(happenings)).stuck).toBe(false);
  }), RUNS);
});

test('whatever happens, a stack that is gone has left nothing of its own', async () => {
  await fc.assert(fc.asyncProperty(fc.array(happening, { maxLength: 12 }), async happenings => {
    const { region } = await history([...happenings, { kind: 'destroy' }]);
    expect(region.live ?? '').not.toMatch(/^ours/);
    expect([...region.world.parameters.keys()].filter(name => !name.includes('/snapshot/'))).toEqual([]);
  }), RUNS);
});
