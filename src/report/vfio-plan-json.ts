import type { ApplyResult } from '../vfio/change/apply.ts';
import type { Change } from '../vfio/change/bind.ts';
import type { Leftover } from '../vfio/change/placements.ts';
import type { Failure } from '../vfio/change/take-step.ts';
import type {
  MoveStep,
  Placement,
  Plan,
  PlannedDevice,
  PredictedGroup,
  Prediction,
  Step,
} from '../vfio/plan/plan-types.ts';
import type { IommuGroup } from '../vfio/sysfs/groups.ts';

/** The JSON document of a plan, version 1: each member is listed, so that none is added by accident. */
export function planDocument(plan: Plan) {
  const { predicted } = plan;
  return {
    version: 1,
    kernel: plan.kernel,
    devices: plan.devices.map(deviceMember),
    group: plan.group && groupMember(plan.group),
    groups: plan.groups.map(groupMember),
    steps: plan.steps.map(stepMember),
    rollback: plan.rollback.map(stepMember),
    predicted: {
      steps: predicted.steps.map(({ step, result, rule, text }: Prediction) => ({ step, result, rule, text })),
      devices: predicted.devices.map(({ name, driver }) => ({ name, driver })),
      groups: predicted.groups.map(({ id, viable, blockers }: PredictedGroup) => ({
        id,
        viable,
        blockers: blockers.map(({ device, driver }) => ({ device, driver })),
      })),
    },
    warnings: plan.warnings.map(({ code, about, message, blocks }) => ({ code, about, message, blocks })),
    runnable: plan.runnable,
  };
}

/** The JSON document of a bind or a restore, version 1; the result of a dry run is null. */
export function changeDocument({ plan, result, notes, lost = [] }: Change & { readonly notes: readonly string[] }) {
  return { version: 1, plan: planDocument(plan), result: result && resultMember(result), notes: [...notes, ...lost] };
}

function resultMember({ state, taken, failure, rollbackFailures, left, gone }: ApplyResult) {
  return {
    state,
    taken,
    failure: failure && failureMember(failure),
    rollbackFailures: rollbackFailures.map(failureMember),
    left: left.map(leftoverMember),
    gone: [...gone],
  };
}

function failureMember({ step, message, pending }: Failure) {
  return { step: stepMember(step), message, pending };
}

function leftoverMember({ name, path, now, before, unbinding }: Leftover) {
  return { name, path, now: placementMember(now), before: placementMember(before), unbinding };
}

/** Where a device is; without `override` where there is no such attribute, without `vfs` where these do not matter. */
export function placementMember({ driver, override, vfs }: Placement) {
  return { driver, override, ...(vfs && { vfs: { functions: [...vfs.functions], autoprobe: vfs.autoprobe } }) };
}

/** A group as the documents of plan and groups have it. */
export function groupMember(group: IommuGroup) {
  const { viable, blockers } = group.viability;
  const { state, move, unbind, why } = group.availability;
  return {
    id: group.id,
    type: group.type,
    name: group.name,
    members: group.members.map((one) => ({
      name: one.name,
      bus: one.bus,
      path: one.path,
      modalias: one.modalias,
      driver: one.driver,
      group: one.group,
      class: one.class,
    })),
    reserved: group.reserved.map(({ from, to, type }) => ({ from, to, type })),
    viability: { viable, blockers: blockers.map(({ device, driver, why }) => ({ device, driver, why })) },
    availability: { state, move: [...move], unbind: [...unbind], why },
    notes: [...group.notes],
    nodes: [...group.nodes],
  };
}

function deviceMember(device: PlannedDevice) {
  return {
    name: device.name,
    bus: device.bus,
    path: device.path,
    modalias: device.modalias,
    group: device.group,
    module: device.module,
    vfio: device.vfio,
    before: placementMember(device.before),
    beforeModule: device.beforeModule,
    after: placementMember(device.after),
    already: device.already,
    physfn: device.physfn,
    reset: device.reset && { methods: device.reset.methods, reaches: [...device.reset.reaches] },
  };
}

function stepMember(step: Step | MoveStep) {
  switch (step.op) {
    case 'modprobe':
      return { op: step.op, module: step.module, bus: step.bus, driver: step.driver, vfio: step.vfio };
    case 'write':
      return { op: step.op, device: step.device, path: step.path, data: step.data };
    case 'verify':
      return { op: step.op, device: step.device, path: step.path, driver: step.driver };
    case 'functions':
      return { op: step.op, device: step.device, path: step.path, functions: [...step.functions] };
  }
}
