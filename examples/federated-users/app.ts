import { App } from 'aws-cdk-lib';
import { FederatedUsersStack } from './federated-users-stack';

const app = new App();
new FederatedUsersStack(app, 'FederatedUsers');
