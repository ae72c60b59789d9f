import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { SignatureV4 } from '@smithy/signature-v4'

export interface AwsOptions {
  region?: string
  profile?: string
  /** Where all services are, when that is not AWS. */
  endpoint?: string
}

/** What AWS answered instead of what was asked for. `name` is AWS's own, such as AccessDeniedException. */
export class AwsRefusal extends Error {
  constructor(name: string, message: string) {
    super(message)
    this.name = name
  }
}

interface AwsRequest {
  service: 'sts' | 'ssm' | 'lambda' | 'bedrock' | 'appsync' | 'cognito-idp'
  method?: 'GET' | 'POST' | 'DELETE'
  path?: string
  headers?: Record<string, string>
  body?: string
}

/** The account, as the SDK finds its way to it: by environment, profile, SSO or the machine's role. */
export interface Aws {
  region: string
  bedrock: BedrockRuntimeClient
  /** Sends one signed request and gives the answer's text. Throws AwsRefusal, or what kept the request from being answered. */
  ask(request: AwsRequest): Promise<string>
}

const TIMEOUT_MS = 15_000
const MODEL_TIMEOUT_MS = 60_000

/**
 * The client of Bedrock finds credentials and region for all. The four services that are asked one question each are asked
 * by plain signed requests: their clients would be 15 MB more to install.
 */
export async function connect({ region, profile, endpoint }: AwsOptions): Promise<Aws> {
  const bedrock = new BedrockRuntimeClient({
    profile,
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({ requestTimeout: MODEL_TIMEOUT_MS, connectionTimeout: TIMEOUT_MS }),
    ...(region ? { region } : {}),
    ...(endpoint ? { endpoint } : {}),
  })
  const { credentials, sha256 } = bedrock.config
  const found = await bedrock.config.region()
  return {
    region: found,
    bedrock,
    async ask({ service, method = 'GET', path = '/', headers = {}, body }) {
      const url = new URL(path, endpoint ?? `https://${service}.${found}.${suffix(found)}`)
      const signer = new SignatureV4({ service, region: found, credentials, sha256 })
      const signed = await signer.sign({
        method,
        protocol: url.protocol,
        hostname: url.hostname,
        port: url.port ? Number(url.port) : undefined,
        path: url.pathname,
        query: {},
        headers: { host: url.host, ...headers },
        body,
      })
      const { host: _, ...sent } = signed.headers
      const answer = await fetch(url, { method, headers: sent, body, signal: AbortSignal.timeout(TIMEOUT_MS) })
      const text = await answer.text()
      if (answer.ok) return text
      throw refusal(answer, text)
    },
  }
}

function suffix(region: string): string {
  return region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
}

/** REST services name the error in a header, JSON ones in the body, STS in XML. */
function refusal(answer: Response, text: string): AwsRefusal {
  const json = parsed(text)
  const named = answer.headers.get('x-amzn-errortype') ?? json.__type ?? /<Code>([^<]+)</.exec(text)?.[1]
  const name = named?.split('#').at(-1)?.split(':')[0] ?? `HTTP ${answer.status}`
  const message = json.message ?? json.Message ?? /<Message>([^<]+)</.exec(text)?.[1] ?? text.trim().slice(0, 300)
  return new AwsRefusal(name, message || 'no message')
}

function parsed(text: string): Record<string, string | undefined> {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}
