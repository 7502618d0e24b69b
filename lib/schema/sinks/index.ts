export * from './principal-tag';
export * from './profile-name';
export * from './project-name';
export * from './request-metadata';
export * from './resource-tag';
export * from './session-name';
