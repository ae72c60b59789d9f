import type { Deployer } from '../resource.ts'

const schedule: Deployer = async ({ physicalName, properties, services }) => {
  const name = String(properties.Name ?? physicalName)
  const { accountId, region } = services.identity
  return {
    ref: name,
    attributes: { Arn: `arn:aws:scheduler:${region}:${accountId}:schedule/default/${name}` },
    // A rate schedule runs at once when it is created, so it waits until the rest of the stack stands.
    start: () => void services.scheduler.createSchedule({ ...properties, Name: name }),
  }
}

export const schedulerResources: Record<string, Deployer> = { 'AWS::Scheduler::Schedule': schedule }
