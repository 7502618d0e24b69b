import type { App, IPolicyValidationPlugin, PolicyValidationPluginReport } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';

/**
 * The AwsSolutions rules of cdk-nag, run on the whole app.
 *
 * cdk-nag expects the CDK to hand it the app, which releases at our floor do not: it then checks nothing, and synthesis goes on. So the app
 * is handed over here.
 */
export class AwsSolutionsPlugin implements IPolicyValidationPlugin {
  /** Name of the plug-in in reports. */
  public readonly name = 'AwsSolutions';

  constructor(private readonly app: App) {}

  /** Checks every resource of the app. */
  public validate(): PolicyValidationPluginReport {
    return new AwsSolutionsChecks(this.app).validateScope(this.app);
  }
}
