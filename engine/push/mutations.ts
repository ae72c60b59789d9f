import { PermanentFailure, RetryLater } from '../../sdk/failures.ts'
import { eventFields, jobFields } from './job-fields.ts'
import type { Answer, Credentials, SendSigned } from './signed-request.ts'
import { createSendSigned } from './signed-request.ts'

/** Runs one mutation as the backend. Throws RetryLater for what passes by itself, PermanentFailure for what does not. */
export type Mutate = (document: string, input: object) => Promise<void>

export const publishAgentJob = `mutation PublishAgentJob($input: PublishAgentJobInput!) {
  publishAgentJob(input: $input) { ${jobFields} }
}`

export const publishDeletedAgentJob = `mutation PublishDeletedAgentJob($input: PublishAgentJobInput!) {
  publishDeletedAgentJob(input: $input) { ${jobFields} }
}`

export const appendAgentJobEvent = `mutation AppendAgentJobEvent($input: AppendAgentJobEventInput!) {
  appendAgentJobEvent(input: $input) { ${eventFields} }
}`

const TIMEOUT_MS = 5_000

/** Where the API is, and who speaks to it. */
export interface ApiAccess {
  graphqlUrl: string
  region: string
  credentials: Credentials
}

/** Sends mutations to AppSync. */
export function createMutate({ graphqlUrl, region, credentials }: ApiAccess): Mutate {
  const url = new URL(graphqlUrl)
  const send = createSendSigned({ service: 'appsync', region, credentials, timeoutMs: TIMEOUT_MS })
  return async (document, input) => {
    const answer = await answerOf(send, url, JSON.stringify({ query: document, variables: { input } }))
    const errors = graphqlErrors(answer.text)
    if (answer.status !== 200 || errors) throw refusal(answer, errors)
  }
}

async function answerOf(send: SendSigned, url: URL, body: string): Promise<Answer> {
  try {
    return await send('POST', url, 'application/json; charset=UTF-8', body)
  } catch (cause) {
    const { message, code } = cause as NodeJS.ErrnoException
    throw new RetryLater({
      code: 'PUBLISH_UNREACHABLE',
      message: `The GraphQL API at ${url.href} did not answer: ${message || code}`,
      remediation: 'Nothing to do if it passes; otherwise check GRAPHQL_URL and the network of the function.',
      cause,
    })
  }
}

type GraphqlErrors = { errorType?: string | null; message?: string }[]

function graphqlErrors(text: string): GraphqlErrors | undefined {
  // The answer echoes the whole job; most of the time there is nothing in it to be read.
  if (!text.includes('"errors"')) return undefined
  try {
    const { errors } = JSON.parse(text)
    return Array.isArray(errors) && errors.length > 0 ? errors : undefined
  } catch {
    return [{ errorType: 'InvalidAnswer', message: `not JSON: ${text.slice(0, 200)}` }]
  }
}

const NOT_IN_SCHEMA = 'PUBLISH_NOT_IN_SCHEMA'

/** How long an upgrade may take to bring the schema that a function already speaks. */
export const UPGRADE_MS = 60_000

/** Whether a refusal is one that passes when the API and its functions are of one version again. */
export function isOfUpgrade(fault: unknown): boolean {
  return fault instanceof PermanentFailure && fault.code === NOT_IN_SCHEMA
}

// Faults of AppSync or of the table behind it that pass by themselves.
const passing = /throttl|throughput|TooManyRequests|LimitExceeded|Internal|ServiceUnavailable|Timeout|TimedOut/i

function refusal({ status, text }: Answer, errors?: GraphqlErrors): PermanentFailure | RetryLater {
  const said = errors?.map(({ errorType, message }) => `${errorType ?? 'GraphQL'}: ${message}`).join('; ')
  const report = {
    message: `The GraphQL API refused the mutation (HTTP ${status}): ${said ?? text.slice(0, 500)}`,
    details: { status, errorTypes: errors?.map(({ errorType }) => errorType) },
  }
  if (status === 429 || status >= 500 || errors?.some(({ errorType }) => passing.test(errorType ?? ''))) {
    return new RetryLater({ ...report, code: 'PUBLISH_THROTTLED', remediation: 'Nothing to do if it passes.' })
  }
  // What does not fit the schema is refused before any resolver runs, and such an error has no type.
  const isOfSchema = status === 200 && errors?.every(({ errorType }) => !errorType)
  return new PermanentFailure({
    ...report,
    code: isOfSchema ? NOT_IN_SCHEMA : 'PUBLISH_REFUSED',
    remediation: 'Deploy API and functions from the same version, and let the role of the function call this mutation.',
  })
}
