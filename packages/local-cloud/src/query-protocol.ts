import { randomUUID } from 'node:crypto'
import { AwsError } from './aws-error.ts'
import { sendRefusal } from './refusal.ts'
import type { Handle, Identity } from './service.ts'
import { xml } from './xml.ts'

const STS = 'https://sts.amazonaws.com/doc/2011-06-15/'

/** The services of the form-encoded query protocol by the version of their API, which is all that names them in a request. */
const SERVICES: Record<string, string> = {
  '2010-05-08': 'IAM',
  '2010-05-15': 'CloudFormation',
  '2010-03-31': 'SNS',
  '2010-08-01': 'CloudWatch',
  '2011-06-15': 'STS',
  '2012-11-05': 'SQS in the query protocol',
  '2016-11-15': 'EC2',
}

/** Answers STS's GetCallerIdentity, which tools ask to see whether they are signed in, and says of all else what this is. */
export function serveQueryProtocol({ accountId }: Identity): Handle {
  return async (_request, response, body) => {
    const asked = new URLSearchParams(body.toString('utf8'))
    const action = asked.get('Action')
    const version = asked.get('Version') ?? ''
    if (action === 'GetCallerIdentity' && version === '2011-06-15') {
      response.writeHead(200, { 'content-type': 'text/xml' }).end(callerIdentity(accountId))
      return
    }
    const service = Object.hasOwn(SERVICES, version) ? SERVICES[version] : `the API of ${version || 'no version'}`
    sendRefusal(response, notThere(`${service} (${action ?? 'no action'})`), 'query')
  }
}

/** A service that is on AWS, and not here: whoever meant AWS has to be told that this is not it. */
export function notThere(what: string): AwsError {
  const message = `this is the local cloud, which does not have ${what}: unset AWS_ENDPOINT_URL to reach AWS, for a deploy too`
  return new AwsError('InvalidAction', 400, message)
}

function callerIdentity(accountId: string): string {
  const result = `<Arn>arn:aws:iam::${accountId}:root</Arn><UserId>${accountId}</UserId><Account>${accountId}</Account>`
  return xml(
    `<GetCallerIdentityResponse xmlns="${STS}"><GetCallerIdentityResult>${result}</GetCallerIdentityResult>` +
      `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></GetCallerIdentityResponse>`,
  )
}
