import type { Deployer } from '../resource.ts'

const schedule: Deployer = async ({ physicalName, properties, services }) => {
  const name = String(properties.Name ?? physicalName)
  const { accountId, region } = services.identity
  const group = String(properties.GroupName ?? 'default')
  return {
    ref: name,
    attributes: { Arn: `arn:aws:scheduler:${region}:${accountId}:schedule/${group}/${name}` },
    // A rate schedule runs at once when it is created, so it waits until the rest of the stack stands.
    start: () => void services.scheduler.createSchedule({ ...properties, Name: name }),
  }
}

/** A name that schedules share; nothing is counted or tagged by it here. */
const scheduleGroup: Deployer = async ({ physicalName, properties, services: { identity } }) => {
  const name = String(properties.Name ?? physicalName)
  const { accountId, region } = identity
  return { ref: name, attributes: { Arn: `arn:aws:scheduler:${region}:${accountId}:schedule-group/${name}` } }
}

export const schedulerResources: Record<string, Deployer> = {
  'AWS::Scheduler::Schedule': schedule,
  'AWS::Scheduler::ScheduleGroup': scheduleGroup,
}
