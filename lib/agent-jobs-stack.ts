import { Stack, type StackProps } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import { AgentJobs, type AgentJobsProps } from './agent-jobs.ts'

/** The stack that `npm run deploy` deploys: one set of agent jobs and nothing else. */
export class AgentJobsStack extends Stack {
  readonly jobs: AgentJobs

  constructor(scope: Construct, id: string, props: StackProps & AgentJobsProps) {
    super(scope, id, props)
    this.jobs = new AgentJobs(this, 'Jobs', props)
    this.jobs.outputs.dropPrefix()
  }
}
