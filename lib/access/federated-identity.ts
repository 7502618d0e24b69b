import { Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { Conditions } from './trust-statements';

/** Where SAML assertions are sent to, where the CDK knows of no other place for a Region. */
const SAML_SIGN_IN = 'https://signin.aws.amazon.com/saml';

/**
 * Options of an OIDC provider.
 */
export interface OidcIdentityOptions {
  /**
   * Issuer of the tokens, as the provider was made with it, such as `https://example.okta.com`. Written out, since it becomes the name of
   * condition keys, which cannot be known at deployment only.
   */
  readonly issuer: string;

  /** Audiences that tokens may be for: the client ids of the provider. At least one. */
  readonly audiences: string[];
}

/**
 * Who vouches for federated users.
 */
export class FederatedIdentity {
  /**
   * A SAML provider, such as Okta, Entra ID or the external account application of IAM Identity Center.
   *
   * The provider writes tags and name of the session into the assertion, and nobody else can.
   *
   * @param provider the provider in the account of the role
   * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
   */
  public static saml(provider: iam.ISAMLProviderRef): FederatedIdentity {
    const { samlProviderArn } = provider.samlProviderRef;
    const { region } = provider.env;
    const signIn = Token.isUnresolved(region) ? undefined : RegionInfo.get(region).samlSignOnUrl;
    return new FederatedIdentity(samlProviderArn, 'sts:AssumeRoleWithSAML', { StringEquals: { 'SAML:aud': signIn ?? SAML_SIGN_IN } });
  }

  /**
   * An OIDC provider.
   *
   * The provider writes the tags of the session into the token. The name of the session is up to whoever presents the token, and therefore
   * has to be the subject of the token (`sub`), unless a session key names it.
   *
   * @param provider the provider in the account of the role
   * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
   */
  public static oidc(provider: iam.IOIDCProviderRef, options: OidcIdentityOptions): FederatedIdentity {
    const issuer = options.issuer.replace(/^https:\/\//, '').replace(/\/$/, '');
    return new FederatedIdentity(
      provider.oidcProviderRef.oidcProviderArn,
      'sts:AssumeRoleWithWebIdentity',
      { StringEquals: { [`${issuer}:aud`]: options.audiences } },
      `\${${issuer}:sub}`,
      [
        ...Token.isUnresolved(options.issuer) ? ['issuer is known at deployment only: write it out, since it becomes the name of condition keys'] : [],
        ...options.audiences.length === 0 ? ['audiences is empty, so that nobody could sign in: name at least one client id'] : [],
      ],
    );
  }

  /** @internal */
  public readonly _principal: iam.IPrincipal;

  private constructor(
    providerArn: string,
    /** @internal */
    public readonly _assumeAction: string,
    /** @internal */
    public readonly _conditions: Conditions,
    /** @internal */
    public readonly _sessionName?: string,
    /** @internal */
    public readonly _problems: string[] = [],
  ) {
    this._principal = new iam.FederatedPrincipal(providerArn, {}, _assumeAction);
  }
}
