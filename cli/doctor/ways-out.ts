/** What to do about an answer of AWS, by its name and text; the first row that fits is the one. */
const WAYS_OUT: [fits: RegExp, wayOut: string][] = [
  [
    /use case details/i,
    'As an admin open the model once in the playground of the Bedrock console, in this region, and fill in the use case form (once per account); it holds after some 15 minutes.',
  ],
  [
    /aws-marketplace|marketplace/i,
    'The first call of a model subscribes the account to it: let an admin make it once, or allow aws-marketplace:Subscribe, aws-marketplace:ViewSubscriptions and aws-marketplace:Unsubscribe to whoever calls; a payment method must be set. It holds after some 2 minutes.',
  ],
  [
    /service control policy|explicit deny|organization/i,
    'A policy of the organisation (SCP) forbids it: its admin must allow it. For a global. profile a rule on regions must let aws:RequestedRegion be "unspecified" too.',
  ],
  [
    /operation not allowed/i,
    'The account may not use Bedrock (yet): new and resold accounts begin with a quota of 0. Ask AWS support, or whoever sold the account, to open Bedrock for it.',
  ],
  [
    /on-demand throughput/i,
    'This model is called through an inference profile only: put "us.", "eu." or "global." before its id, as `aws bedrock list-inference-profiles` shows.',
  ],
  [
    /tool_?choice/i,
    'This model takes no forced tool call, by which agents get their output in shape: name another with --model.',
  ],
  [
    /^(ThrottlingException|ServiceQuotaExceededException|TooManyRequests)/i,
    'Ask for more in Service Quotas (Amazon Bedrock: requests and tokens per minute of this model), and try again.',
  ],
  [
    /^(ResourceNotFoundException|ValidationException).*(model|identifier|profile)/i,
    'Name a model of this region with --model: `aws bedrock list-inference-profiles` and `aws bedrock list-foundation-models` show them.',
  ],
  [
    /^(ExpiredToken|UnrecognizedClient|InvalidClientToken|SignatureDoesNotMatch|InvalidSignature|IncompleteSignature|CredentialsProvider)|credentials|SSO session|profile/i,
    'Sign in to AWS (aws sso login, or fresh keys), or name another profile with --profile.',
  ],
  [/region is missing/i, 'Name a region with --region, AWS_REGION, or in the profile.'],
  [
    /^AccessDenied|not authorized/i,
    'Let your user or role do what the message names, or run this with the credentials that deploy.',
  ],
  [
    /fetch failed|ENOTFOUND|ECONNREFUSED|ECONNRESET|timeout|timed out|aborted/i,
    'Look at the network, a proxy, and the spelling of the region: not every region has every service.',
  ],
]

const ANY = 'Look the message up; nothing that is known fits it.'

/** One line of what came, and of what to do about it. */
export function explained(error: unknown): { came: string; wayOut: string } {
  const { name, message, cause } = error instanceof Error ? error : new Error(String(error))
  const why =
    cause instanceof Error ? `${message} (${cause.message || (cause as NodeJS.ErrnoException).code})` : message
  const came = `${name}: ${why}`.replace(/\s+/g, ' ').replace(/^Error: /, '')
  return { came, wayOut: WAYS_OUT.find(([fits]) => fits.test(came))?.[1] ?? ANY }
}
