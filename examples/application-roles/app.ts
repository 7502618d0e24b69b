import { App } from 'aws-cdk-lib';
import { ApplicationRolesStack } from './application-roles-stack';

const app = new App();
new ApplicationRolesStack(app, 'ApplicationRoles');
