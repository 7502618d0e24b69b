export * from './application-inference-profile';
export * from './application-inference-profile-grants';
export * from './model-source';
