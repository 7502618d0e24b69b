import { NestedStack, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { throwProblems, validationError } from '../private/errors';
import type { AttributionSchema } from '../schema';
import { ApplicationInferenceProfile } from './application-inference-profile';
import type { ModelSource } from './model-source';
import { nestedStackOf } from './spread-services';
import { countProblems, fleetProblems, type ServiceToValidate } from './validate-inference-profile-fleet';

/**
 * A service that calls models.
 */
export interface FleetService {
  /** Whom the calls of the service are billed to: values by key name of the schema, all required keys among them. */
  readonly attribution: Record<string, string>;

  /**
   * Models of this service beside those of the fleet, by ids of your own. Where the fleet has a model of the same id, this one takes its
   * place for this service.
   *
   * @default - the models of the fleet
   */
  readonly models?: Record<string, ModelSource>;

  /**
   * Whether to publish each profile of the service as an SSM parameter, named as in `ApplicationInferenceProfileProps.parameterName`.
   *
   * Deploy once with `false` before a new profile takes over the name of a parameter: before the id of the service or of one of its models
   * changes, before `nestedStacks` changes, and before two services exchange values of a required key. Otherwise CloudFormation makes the
   * new parameter while the old one still has the name, and fails with `ParameterAlreadyExists`.
   *
   * @default true
   */
  readonly publishParameters?: boolean;
}

/**
 * Properties of a fleet.
 */
export interface InferenceProfileFleetProps {
  /** The attribution keys and how they are spelled as resource tags. */
  readonly schema: AttributionSchema;

  /**
   * The services, by ids of your own. An id is part of construct ids, so changing it replaces the profiles of the service: deploy once with
   * `publishParameters: false` before. The order in which they are written makes no difference.
   */
  readonly services: Record<string, FleetService>;

  /**
   * Models that every service calls, by ids of your own. Changing an id replaces the profiles of the model: deploy once with
   * `publishParameters: false` on the services before.
   *
   * @default - each service names its own
   */
  readonly models?: Record<string, ModelSource>;

  /**
   * Over how many nested stacks to spread the services, 1 to 500. Which stack a service goes to depends on its id and this number only,
   * so that adding, removing or reordering services never moves another one.
   *
   * Choose it once: another number moves services, and their profiles are made anew with other ARNs. The first number moves all services, a
   * larger one as few as can be. CloudFormation makes the new profiles before it deletes the old ones, whose parameters have the same
   * names: deploy once with `publishParameters: false` before you change the number.
   *
   * @default - none: all profiles are in the stack of the fleet
   */
  readonly nestedStacks?: number;

  /**
   * How many application inference profiles the account may have in the Region (quota L-40EC9882).
   *
   * @default 1000
   * @see https://docs.aws.amazon.com/general/latest/gr/bedrock.html
   */
  readonly quota?: number;
}

/**
 * Application inference profiles for many services: one for each service and model.
 *
 * Belongs into each workload account and Region that calls the models; what each profile attributes is said at
 * `ApplicationInferenceProfile`. A profile with its parameter takes two of the 500 resources of a template, and an account may have 1,000
 * profiles per Region: synthesis counts both, with what the app makes beside the fleet, and the error names the `nestedStacks` that it
 * takes.
 *
 * The template is the same whatever the order of services and models. A profile lies at `Services/<service id>/<model id>` below the fleet
 * or its nested stack.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/cost-mgmt-application-inference-profiles.html
 */
export class InferenceProfileFleet extends Construct {
  private readonly byService = new Map<string, Map<string, ApplicationInferenceProfile>>();
  private readonly namespaces = new Map<number | undefined, Construct>();

  constructor(scope: Construct, id: string, props: InferenceProfileFleetProps) {
    super(scope, id);
    const { schema, nestedStacks, models: sharedModels = {}, quota = 1000 } = props;
    const services = sorted(props.services).map(([serviceId, service]) => withAllModels(serviceId, service, sharedModels));
    throwProblems('InvalidInferenceProfileFleet', 'the inference profile fleet', fleetProblems({
      schema, services, sharedModels, nestedStacks, quota,
    }), this);

    for (const service of services) this.addService(this.namespaceOf(service.id, nestedStacks), service, schema);

    const sizes = new Map(services.map(service => [service.id, service.models.length * (service.publishParameters ? 2 : 1)]));
    this.node.addValidation({
      validate: () => {
        const stacks = [...this.namespaces.values()].map(namespace => Stack.of(namespace));
        return countProblems({ fleet: this, stacks, sizes, nestedStacks, quota });
      },
    });
  }

  /**
   * All profiles of the fleet, ordered by service id and model id.
   */
  public get profiles(): ApplicationInferenceProfile[] {
    return [...this.byService.keys()].flatMap(serviceId => this.profilesOf(serviceId));
  }

  /**
   * The profile by which a service calls a model. Fails when the fleet has no such service, or the service no such model.
   *
   * @param serviceId id of the service as it was declared
   * @param modelId id of the model as it was declared, for the fleet or for the service
   */
  public profile(serviceId: string, modelId: string): ApplicationInferenceProfile {
    const profiles = this.known(this.byService, 'service', serviceId);
    return this.known(profiles, `model of the service ${JSON.stringify(serviceId)}`, modelId);
  }

  /**
   * The profiles of a service, ordered by model id. Fails when the fleet has no such service.
   *
   * @param serviceId id of the service as it was declared
   */
  public profilesOf(serviceId: string): ApplicationInferenceProfile[] {
    return [...this.known(this.byService, 'service', serviceId).values()];
  }

  /** Where a service lies; a nested stack is made when the first service goes there, for CloudFormation refuses an empty one. */
  private namespaceOf(serviceId: string, nestedStacks?: number): Construct {
    const index = nestedStacks === undefined ? undefined : nestedStackOf(serviceId, nestedStacks) + 1;
    const made = this.namespaces.get(index);
    if (made !== undefined) return made;
    const parent = index === undefined ? this : new NestedStack(this, `Profiles${index}`);
    const namespace = new Construct(parent, 'Services');
    this.namespaces.set(index, namespace);
    return namespace;
  }

  private addService(namespace: Construct, service: ServiceToValidate, schema: AttributionSchema): void {
    const { attribution, publishParameters: publishParameter } = service;
    const models = new Construct(namespace, service.id);
    this.byService.set(service.id, new Map(service.models.map(([modelId, modelSource]) => (
      [modelId, new ApplicationInferenceProfile(models, modelId, { schema, attribution, modelSource, publishParameter })]
    ))));
  }

  private known<T>(map: Map<string, T>, what: string, id: string): T {
    const found = map.get(id);
    if (found !== undefined) return found;
    const known = JSON.stringify([...map.keys()]);
    throw validationError('UnknownInFleet', `the fleet has no ${what} with the id ${JSON.stringify(id)}: declare it, or use one of ${known}`, this);
  }
}

function withAllModels(id: string, service: FleetService, shared: Record<string, ModelSource>): ServiceToValidate {
  const { attribution, publishParameters = true, models = {} } = service;
  return { id, attribution, publishParameters, models: sorted({ ...shared, ...models }) };
}

/** By the code of the characters, which is the same in every language. */
function sorted<T>(map: Record<string, T>): [string, T][] {
  return Object.entries(map).sort(([one], [other]) => one < other ? -1 : 1);
}
