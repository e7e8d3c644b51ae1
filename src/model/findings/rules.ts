import type { FindingRule } from './finding-rule.ts';
import { autoprobeAroundNewId } from './rules/autoprobe-around-new-id.ts';
import { autoprobeLeftOff } from './rules/autoprobe-left-off.ts';
import { bindWithoutOverride } from './rules/bind-without-override.ts';
import { echoFlagWritten } from './rules/echo-flag-written.ts';
import { groupNotViable } from './rules/group-not-viable.ts';
import { idsTakesTwins } from './rules/ids-takes-twins.ts';
import { moduleNameForDriver } from './rules/module-name-for-driver.ts';
import { newIdTwice } from './rules/new-id-twice.ts';
import { overrideNotCleared } from './rules/override-not-cleared.ts';
import { probeInsteadOfBind } from './rules/probe-instead-of-bind.ts';
import { resultNotRead } from './rules/result-not-read.ts';
import { shortAddress } from './rules/short-address.ts';
import { unbindBeforeOverride } from './rules/unbind-before-override.ts';

/** Every rule that needs no search, by its id. */
export const FINDING_RULES: Readonly<Record<string, FindingRule>> = {
  'override-not-cleared': overrideNotCleared,
  'bind-without-override': bindWithoutOverride,
  'module-name-for-driver': moduleNameForDriver,
  'unbind-before-override': unbindBeforeOverride,
  'result-not-read': resultNotRead,
  'probe-instead-of-bind': probeInsteadOfBind,
  'new-id-twice': newIdTwice,
  'ids-takes-twins': idsTakesTwins,
  'autoprobe-around-new-id': autoprobeAroundNewId,
  'autoprobe-left-off': autoprobeLeftOff,
  'group-not-viable': groupNotViable,
  'short-address': shortAddress,
  'echo-flag-written': echoFlagWritten,
};
