export type { BearerToken, BedrockAuth } from '../signing';
export { MantleProject } from './mantle-project';
export { openProject, type OpenProjectOptions } from './open-project';
export type { CallerProjectPolicy, MantleApi } from './project-fetch';
export type { ProjectParameter } from './project-parameter';
