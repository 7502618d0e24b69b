import { decide, type Row } from './row';

/** What a provider may say about somebody who signs in. */
export const SIGN_INS: readonly Row[] = [
  ...decide(['SAML provider', 'OIDC provider', 'another provider'], [
    ['sign in with SAML', '+ - -'],
    ['sign in with OIDC', '- + -'],
  ]),
  ...decide(['SAML provider'], [
    ['sign in with SAML without tags', '-'],
    ['sign in with SAML without team', '-'],
    ['sign in with SAML with an empty team', '-'],
    ['sign in with SAML with an illegal cost center', '-'],
    ['sign in with SAML with a key of the role', '-', 'the tag of the session would take its place'],
    ['sign in with SAML with another key', '-'],
    ['sign in with SAML with a key in another case', '-', 'the bill would keep it apart'],
    ['sign in with SAML with transitive tags', '-'],
    ['sign in with SAML at another place', '-'],
  ]),
  ...decide(['OIDC provider'], [
    ['sign in with OIDC without tags', '-'],
    ['sign in with OIDC with an empty team', '-'],
    ['sign in with OIDC with another key', '-'],
    ['sign in with OIDC with transitive tags', '-'],
    ['sign in with OIDC under the name of somebody else', '-', 'the name of the session is on the bill'],
    ['sign in with OIDC to another client', '-'],
  ]),
];

const BILLED_TO_NOBODY = 'denied whatever is granted elsewhere';

/** Sessions of people. */
const ADMINISTRATORS = ['federated session, administrator', 'federated session, OIDC, administrator', 'permission set, administrator'] as const;
const SHARED = 'the role leaves service out';

export const WORKFORCE: readonly Row[] = [
  ...decide(['federated session', 'federated session, OIDC', 'permission set'], [
    ['own profile', '+ + +'],
    ['own profile, streamed', '+ + +'],
    ['own geo profile', '+ + +'],
    ['own global profile', '+ + +'],
    ['profile of another team', '- - -'],
    ['geo profile of another team', '- - -'],
    ['profile of another service', '+ + -', SHARED],
    ['profile of another stage', '- - -'],
    ['profile without tags', '- - -'],
    ['geo profile directly', '- - -'],
    ['global profile directly', '- - -'],
    ['model directly', '- - -'],
    ['model directly, streamed', '- - -'],
    ['Responses on the runtime endpoint', '- - -'],
    ['prompt router', '- - -'],
    ['imported model', '- - -'],
    ['custom model deployment', '- - -'],
    ['own provisioned model', '- - -'],
    ['mantle, own project', '+ + +'],
    ['mantle, follow calls in own project', '+ + +'],
    ['mantle, follow calls in the default project', '- - -'],
    ['mantle, project of another team', '- - -'],
    ['mantle, project of another service', '+ + -', SHARED],
    ['mantle, project of another stage', '- - -'],
    ['mantle, project without tags', '- - -'],
    ['mantle, default project', '- - -'],
    ['short-term key, own profile', '- - -'],
    ['long-term key, own profile', '- - -'],
    ['CreateInferenceProfile, own tags', '- - -'],
    ['CreateModelInvocationJob, own tags', '- - -'],
    ['tag a profile with an attribution key', '- - -'],
    ['tag a role with an attribution key', '- - -'],
  ]),
  ...decide(ADMINISTRATORS, [
    ['own profile', '+ + +'],
    ['own geo profile', '+ + +'],
    ['agent', '+ + +'],
    ['geo profile directly', '- - -', BILLED_TO_NOBODY],
    ['model directly', '- - -', BILLED_TO_NOBODY],
    ['model directly, streamed', '- - -', BILLED_TO_NOBODY],
  ]),
  ...decide(ADMINISTRATORS, [['own profile', '- - -'], ['agent', '- - -']], 'untagged'),
  ...decide(ADMINISTRATORS, [['own profile', '- - -'], ['agent', '- - -']], 'no team'),
  ...decide(ADMINISTRATORS, [['own profile', '- - -'], ['agent', '- - -']], 'empty team'),
  ...decide(ADMINISTRATORS, [['own profile', '- - -'], ['agent', '- - -']], 'no service'),
  ...decide(ADMINISTRATORS, [['own profile', '- - -'], ['agent', '- - -']], 'no env'),
  ...decide(ADMINISTRATORS, [['own profile', '- - -'], ['agent', '- - -']], 'illegal env'),
  ...decide(['federated session, administrator'], [['own profile', '-'], ['agent', '-']], 'no cost center'),
  ...decide(['federated session, administrator'], [['own profile', '-'], ['agent', '-']], 'illegal cost center'),
  ...decide(['federated session', 'permission set'], [
    ['own profile', '- -'],
    ['profile of another team', '+ +', 'for this session it is its own'],
    ['mantle, project of another team', '+ +', 'for this session it is its own'],
  ], 'another team'),
];
