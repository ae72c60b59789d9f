import type { AppSyncApi, AuthenticationProvider } from '../api.ts'

export type Mode = 'API_KEY' | 'AWS_IAM' | 'AMAZON_COGNITO_USER_POOLS' | 'OPENID_CONNECT'

/** The API's authentication modes: which they are, and which token issuer belongs to which. */
export interface Modes {
  default: Mode
  all: Map<Mode, AuthenticationProvider>
  issuers: Map<string, Mode>
}

const KNOWN: Mode[] = ['API_KEY', 'AWS_IAM', 'AMAZON_COGNITO_USER_POOLS', 'OPENID_CONNECT']

function issuerOf(provider: AuthenticationProvider, region: string): string | undefined {
  const pool = provider.UserPoolConfig
  if (pool) return `https://cognito-idp.${pool.AwsRegion ?? region}.amazonaws.com/${pool.UserPoolId}`
  return provider.OpenIDConnectConfig?.Issuer.replace(/\/$/, '')
}

/** Reads the API's modes, and refuses one that is not emulated. */
export function readModes(api: AppSyncApi, region: string): Modes {
  const providers = [
    {
      AuthenticationType: api.authenticationType,
      UserPoolConfig: api.userPoolConfig,
      OpenIDConnectConfig: api.openIdConnectConfig,
    },
    ...(api.additionalAuthenticationProviders ?? []),
  ]
  const all: Modes['all'] = new Map()
  const issuers: Modes['issuers'] = new Map()
  for (const provider of providers) {
    const mode = KNOWN.find((known) => known === provider.AuthenticationType)
    if (!mode) {
      throw new Error(
        `AuthenticationType of API ${api.apiId} is ${provider.AuthenticationType}; emulated are ${KNOWN.join(', ')}.`,
      )
    }
    if (!all.has(mode)) all.set(mode, provider)
    const issuer = issuerOf(provider, region)
    if (issuer) issuers.set(issuer, mode)
  }
  return { default: all.keys().next().value as Mode, all, issuers }
}
