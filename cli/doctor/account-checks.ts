import { QUEUES } from '../redrive/queues.ts'
import type { Aws } from './aws.ts'
import { AwsRefusal } from './aws.ts'
import type { Finding } from './finding.ts'
import { fine, wrong } from './finding.ts'

/** The least that CDK's own synthesizer asks of a bootstrapped account. */
const BOOTSTRAP_VERSION = 6
const BOOTSTRAP_PARAMETER = '/cdk-bootstrap/hnb659fds/version'

/** dispatch-jobs and publish-changes, which must find a free Lambda while all jobs run; sweep-overdue needs one now and then. */
const BESIDE_JOBS = 2
const JOB_QUEUES = QUEUES.filter((name) => name !== 'undelivered').length

export async function checkCredentials(aws: Aws): Promise<Finding> {
  const text = await aws.ask({
    service: 'sts',
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body: 'Action=GetCallerIdentity&Version=2011-06-15',
  })
  const [, arn] = /<Arn>([^<]+)</.exec(text) ?? []
  if (!arn) return wrong(`STS answered without an identity: ${text.slice(0, 200)}`, 'Look at --endpoint: it is no AWS.')
  return fine(arn)
}

export async function checkBootstrap(aws: Aws): Promise<Finding> {
  const wayOut = `Bootstrap the account and region once: npx cdk bootstrap aws://<account>/${aws.region}`
  try {
    const text = await aws.ask({
      service: 'ssm',
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AmazonSSM.GetParameter' },
      body: JSON.stringify({ Name: BOOTSTRAP_PARAMETER }),
    })
    const { Value } = (JSON.parse(text) as { Parameter: { Value: string } }).Parameter
    if (Number(Value) >= BOOTSTRAP_VERSION) return fine(`version ${Value} in ${aws.region}`)
    return wrong(`version ${Value} in ${aws.region}, and at least ${BOOTSTRAP_VERSION} is needed`, wayOut)
  } catch (error) {
    if (!(error instanceof AwsRefusal) || error.name !== 'ParameterNotFound') throw error
    return wrong(`${aws.region} is not bootstrapped: there is no parameter ${BOOTSTRAP_PARAMETER}`, wayOut)
  }
}

export async function checkConcurrency(aws: Aws, maxConcurrency: number): Promise<Finding> {
  const text = await aws.ask({ service: 'lambda', path: '/2016-08-19/account-settings/' })
  const { AccountLimit } = JSON.parse(text) as {
    AccountLimit: { ConcurrentExecutions: number; UnreservedConcurrentExecutions: number }
  }
  const { ConcurrentExecutions: all, UnreservedConcurrentExecutions: free } = AccountLimit
  const jobs = JOB_QUEUES * maxConcurrency
  const came = `${all} concurrent Lambdas, ${free} of them unreserved; ${JOB_QUEUES} queues of ${maxConcurrency} jobs may take ${jobs}`
  if (free >= jobs + BESIDE_JOBS) return fine(came)
  return wrong(
    `${came}, and ${BESIDE_JOBS} more are needed to hand them on and to push`,
    'Ask for 1,000 in Service Quotas (AWS Lambda, "Concurrent executions", L-B99A9384), or lower maxConcurrency (2 at least).',
  )
}
