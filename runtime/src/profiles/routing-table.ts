import type { InferenceProfiles, RoutedModel } from '../inference-profiles';
import type { KnownProfile } from './inference-profile-entry';
import { calledModel } from './model-id';
import { ambiguousModel, bareModel, otherRegion } from './refusals';

/** Whether the id of a model may lead to a profile that was copied from a system-defined one. */
export type ModelFallback =
  /** Yes: first to the copy of the model itself, then of its geographic profile, then of its global one. */
  | 'any'
  /** No: only to the copy of the model itself. */
  | 'none';

interface RegionTable {
  readonly all: readonly KnownProfile[];
  readonly bySource: ReadonlyMap<string, KnownProfile>;
  readonly byModel: ReadonlyMap<string, readonly KnownProfile[]>;
}

/**
 * Which profile of a service a call goes to.
 *
 * The id of a system-defined profile leads to the copy of that very profile or nowhere: it says where data may go. The id of a model says
 * nothing of it, and leads to what the service has of this model.
 */
export class RoutingTable implements InferenceProfiles {
  /** The profiles, as they are called by. */
  public readonly entries: readonly KnownProfile[];

  private readonly regions: ReadonlyMap<string, RegionTable>;

  public constructor(profiles: readonly KnownProfile[], private readonly fallback: ModelFallback) {
    this.entries = [...profiles];
    this.regions = new Map([...groupBy(profiles, ({ region }) => region)].map(([region, all]) => [region, {
      all,
      bySource: new Map(all.map(profile => [profile.sourceId, profile])),
      byModel: groupBy(all, ({ modelId }) => modelId),
    }]));
  }

  /** The profile by which the service calls a model. */
  public route(modelId: string, region?: string): RoutedModel {
    const called = calledModel(modelId);
    if (called === undefined) return { modelId };
    const { id } = called;
    if (called.region !== undefined && region !== undefined && called.region !== region) {
      return { modelId, problem: otherRegion(modelId, region, id) };
    }
    const place = region ?? called.region;
    const found = place === undefined ? [...this.regions.keys()].flatMap(each => this.find(id, each)) : this.find(id, place);
    if (found.length === 0) return { modelId, problem: this.bare(modelId, id, place) };
    if (found.length > 1) return { modelId, problem: ambiguousModel(modelId, found, place) };
    return { modelId: found[0].inferenceProfileArn };
  }

  /** The profiles of a Region that an id may lead to: more than one where it does not tell which. */
  private find(id: string, region: string): readonly KnownProfile[] {
    const table = this.regions.get(region);
    const exact = table?.bySource.get(id);
    if (exact !== undefined) return [exact];
    const copies = this.fallback === 'none' ? [] : table?.byModel.get(id) ?? [];
    const geographic = copies.filter(({ sourceId }) => !sourceId.startsWith('global.'));
    return geographic.length > 0 ? geographic : copies;
  }

  private bare(given: string, id: string, region: string | undefined): RoutedModel['problem'] {
    return bareModel({
      given,
      id,
      region,
      here: region === undefined ? this.entries : this.regions.get(region)?.all ?? [],
      elsewhere: [...this.regions.keys()].filter(other => other !== region && this.find(id, other).length > 0),
    });
  }
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item)) ?? [];
    group.push(item);
    groups.set(keyOf(item), group);
  }
  return groups;
}
