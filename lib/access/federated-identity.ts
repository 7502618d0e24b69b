import { Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { Conditions } from './trust-statements';

/** Where SAML assertions are sent to, where the CDK knows of no other place for a Region. */
const SAML_SIGN_IN = 'https://signin.aws.amazon.com/saml';

/**
 * Options of a SAML provider.
 */
export interface SamlIdentityOptions {
  /**
   * Sign-in URLs of AWS that assertions may be meant for: their recipient.
   *
   * @default - the global sign-in URL of the partition, such as `https://signin.aws.amazon.com/saml`
   * @see https://docs.aws.amazon.com/general/latest/gr/signin-service.html
   */
  readonly audiences?: string[];
}

/**
 * Options of an OIDC provider.
 */
export interface OidcIdentityOptions {
  /**
   * Issuer of the tokens, just as the provider was made with it, such as `https://example.okta.com`, with a slash at the end if it has one.
   * Written out, since it becomes the name of condition keys, which cannot be known at deployment only.
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
  public static saml(provider: iam.ISAMLProviderRef, options: SamlIdentityOptions = {}): FederatedIdentity {
    const { region } = provider.env;
    const signIn = Token.isUnresolved(region) ? undefined : RegionInfo.get(region).samlSignOnUrl;
    const audiences = options.audiences ?? [signIn ?? SAML_SIGN_IN];
    return new FederatedIdentity(
      provider.samlProviderRef.samlProviderArn,
      'sts:AssumeRoleWithSAML',
      { StringEquals: { 'SAML:aud': audiences } },
      undefined,
      audiences.length === 0 ? ['audiences is empty, so that nobody could sign in: leave it out, or name at least one sign-in URL'] : [],
    );
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
    // a slash at the end belongs to the name of the condition keys, as it does to the provider
    const issuer = options.issuer.replace(/^https:\/\//, '');
    return new FederatedIdentity(
      provider.oidcProviderRef.oidcProviderArn,
      'sts:AssumeRoleWithWebIdentity',
      { StringEquals: { [`${issuer}:aud`]: options.audiences } },
      `\${${issuer}:sub}`,
      [
        ...issuerProblems(options.issuer, issuer, provider.oidcProviderRef.oidcProviderArn),
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

function issuerProblems(given: string, issuer: string, providerArn: string): string[] {
  if (Token.isUnresolved(given)) return ['issuer is known at deployment only: write it out, since it becomes the name of condition keys'];
  if (!/^https:\/\/[^/?#\s]+[^?#\s]*$/.test(given)) return [`issuer is ${JSON.stringify(given)}: use the https URL of the provider, such as "https://example.okta.com"`];
  if (Token.isUnresolved(providerArn) || providerArn.endsWith(`:oidc-provider/${issuer}`)) return [];
  return [`issuer is ${JSON.stringify(given)}, but the provider is ${JSON.stringify(providerArn)}: write the issuer as the provider was made with it`];
}
