export type { BearerToken } from '../signing';
export type { MantleAuth } from './mantle-auth';
export { MantleProject } from './mantle-project';
export { openProject, type OpenProjectOptions } from './open-project';
export type { CallerProjectPolicy, MantleApi } from './project-fetch';
export type { ProjectParameter } from './project-parameter';
