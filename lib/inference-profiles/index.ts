export * from './application-inference-profile';
export * from './application-inference-profile-grants';
export * from './inference-profile-fleet';
export * from './model-source';
