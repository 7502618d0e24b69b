import { App, Stack, Validations } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsPlugin } from '../../bin/aws-solutions-plugin';

test('reports what is wrong anywhere in the app', () => {
  const app = new App();
  new s3.Bucket(new Stack(app, 'Stack'), 'Open');
  const { success, violations } = new AwsSolutionsPlugin(app).validate();
  expect(success).toBe(false);
  expect(violations.map(({ ruleName }) => ruleName)).toContain('AwsSolutions-S10');
});

test('accepts an app in which nothing is wrong', () => {
  const app = new App();
  new Stack(app, 'Stack');
  expect(new AwsSolutionsPlugin(app).validate()).toEqual({ success: true, violations: [] });
});

test('makes the exit code of a synthesis with findings a failure', () => {
  const app = new App();
  new s3.Bucket(new Stack(app, 'Stack'), 'Open');
  Validations.of(app).addPlugins(new AwsSolutionsPlugin(app));
  const silenced = jest.spyOn(console, 'error').mockImplementation();
  try {
    app.synth();
    expect(process.exitCode).toBe(1);
  } finally {
    process.exitCode = undefined;
    silenced.mockRestore();
  }
});
