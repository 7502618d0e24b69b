/** A model or a system-defined profile, as a caller names it. */
export interface CalledModel {
  /** Id of the model or of the system-defined profile. */
  readonly id: string;
  /** Region that an ARN names. */
  readonly region?: string;
}

const MODEL_ARN = /^arn:[^:]+:bedrock:([^:]*):[^:]*:(?:foundation-model|inference-profile)\/(.+)$/;

/**
 * First part of the ids of system-defined profiles: the geographies of 2026-11-21, and what looks like one to come. Providers of models
 * have had longer names, so that `deepseek.v3.2` is a model.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
 */
const GEOGRAPHY = /^(?:global|apac|[a-z]{2}(?:-[a-z]+)?)\.(?=[^.]+\.)/;

/**
 * The model that a caller names, by id or by ARN.
 *
 * Undefined for everything that attributes its calls itself or cannot be copied into a profile: application inference profiles,
 * provisioned, custom and imported models, prompts, prompt routers, endpoints. The ids of models and of system-defined profiles have a
 * dot; what has none is the name of something else.
 */
export function calledModel(modelId: string): CalledModel | undefined {
  if (!modelId.startsWith('arn:')) return modelId.includes('.') ? { id: modelId } : undefined;
  const [, region = '', id = ''] = MODEL_ARN.exec(modelId) ?? [];
  if (!id.includes('.')) return undefined;
  return region === '' ? { id } : { id, region };
}

/** Whether an id is one of a system-defined profile, as far as its form tells. */
export function namesGeography(id: string): boolean {
  return GEOGRAPHY.test(id);
}

/** The model behind a system-defined profile; a model is its own. */
export function modelBehind(sourceId: string): string {
  return sourceId.replace(GEOGRAPHY, '');
}
