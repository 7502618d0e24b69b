import type { ResolvedControls } from '../resolve-controls';

/** A condition that holds for everybody but the provisioners; none where there are no provisioners. */
export function notProvisioners({ provisioners }: ResolvedControls): Record<string, Record<string, string[]>> {
  return provisioners.length === 0 ? {} : { ArnNotLike: { 'aws:PrincipalArn': provisioners } };
}
