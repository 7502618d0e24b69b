export * from './mantle-project';
export * from './mantle-project-grants';
