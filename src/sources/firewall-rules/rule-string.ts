import type { ImportedRule } from "../../model/index.ts";
import { InputError } from "../../model/index.ts";
import type { Remarks } from "./remarks.ts";
import { finishRule, newDraft, type RulePlace } from "./rule-draft.ts";
import { RULE_KEYS, settleEdge } from "./rule-string-keys.ts";

const VERSION = /^v(\d{1,3})\.(\d{1,3})$/i;

/** Whether a registry value's text looks like a rule: `v2.31|Action=Allow|…`. */
export function isRuleString(text: string): boolean {
  return VERSION.test(text.slice(0, text.indexOf("|")).trim());
}

/**
 * A rule as the registry has it: `v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=445|Name=…|`. Keys that occur more than once
 * make lists; an unknown key is remarked upon, since the rule may say more than is modelled (MS-GPFAS 2.2.2.19).
 * @throws InputError for a text that is no rule, or a value that its key cannot have.
 */
export function readRuleString(text: string, place: RulePlace, remarks: Remarks): ImportedRule {
  const [head = "", ...fields] = text.split("|");
  const version = VERSION.exec(head.trim());
  if (version === null) throw new InputError(`expected a rule as v2.31|Action=…|, found ${JSON.stringify(text.slice(0, 40))}`);
  const draft = newDraft();
  draft.version = `${Number(version[1])}.${Number(version[2])}`;
  // Without the key the rule is off (MS-GPFAS 2.2.2.19), but for those of service hardening, which Windows ships without it.
  draft.rule.enabled = place.store === "service-static" || place.store === "service-configurable";
  const last = fields.at(-1) === "" ? fields.length - 1 : fields.length;
  for (const field of fields.slice(0, last)) {
    const at = field.indexOf("=");
    const key = at < 0 ? field : field.slice(0, at);
    const value = at < 0 ? "" : field.slice(at + 1);
    const read = RULE_KEYS.get(key.trim().toLowerCase());
    if (read === undefined) {
      remarks.warn("rule-key", `rule "${place.id}" has the unknown key "${key}"`, place.line);
      draft.extras.push(field);
      continue;
    }
    try {
      read(value, draft);
    } catch (error) {
      if (error instanceof InputError) throw new InputError(`rule "${place.id}", ${key}=${value}: ${error.message}`);
      throw error;
    }
  }
  settleEdge(draft, fields);
  return finishRule(draft, place);
}
