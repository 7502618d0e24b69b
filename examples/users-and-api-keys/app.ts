import { App } from 'aws-cdk-lib';
import { UsersAndApiKeysStack } from './users-and-api-keys-stack';

const app = new App();
new UsersAndApiKeysStack(app, 'UsersAndApiKeys');
