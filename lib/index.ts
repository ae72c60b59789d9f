export { AgentJobs, type AgentJobsProps } from './agent-jobs.ts'
export { AgentJobsStack } from './agent-jobs-stack.ts'
