import type { HandlerExecutionContext } from '@smithy/types';

interface SmithyContext {
  readonly selectedHttpAuthScheme?: { readonly httpAuthOption?: { readonly signingProperties?: { readonly region?: string } } };
}

/** The Region that the call is signed for; with a bearer token nothing is signed, and the name of the endpoint tells. */
export function regionOf(context: HandlerExecutionContext, hostname = context.endpointV2?.url.hostname ?? ''): string | undefined {
  const { selectedHttpAuthScheme } = (context.__smithy_context ?? {}) as SmithyContext;
  return selectedHttpAuthScheme?.httpAuthOption?.signingProperties?.region
    ?? /(?:^|\.)bedrock-runtime(?:-fips)?\.([a-z0-9-]+)\./.exec(hostname)?.[1];
}
