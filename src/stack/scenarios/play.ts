import { InputError, InternalError, type Scenario, type ScenarioRun, type SessionRecord } from "../../model/index.ts";
import { Simulation } from "../simulation.ts";
import { Cast } from "./cast.ts";
import { matchesPacket } from "./packet-match.ts";
import type { PendingCall } from "./pending-call.ts";
import type { PlayOptions } from "./play-options.ts";
import { playSteps } from "./play-step.ts";
import { ScenarioFilters } from "./scenario-filters.ts";
import { ScenarioNames } from "./scenario-names.ts";
import { networkOptions } from "./scenario-network.ts";
import { UnmetList } from "./unmet-list.ts";
import { WireLog } from "./wire-log.ts";

/** A play that goes on: what its steps work on. */
export interface Play {
  readonly scenario: Scenario;
  readonly simulation: Simulation;
  readonly cast: Cast;
  readonly names: ScenarioNames;
  readonly filters: ScenarioFilters;
  readonly log: WireLog;
  readonly expectations: UnmetList;
  /** Whether to look at what the scenario expects. */
  readonly isChecked: boolean;
  /** Calls in the background, by the names that steps know them by: the last one of each. */
  readonly calls: Map<string, PendingCall>;
  /** Ids of steps that have come about. */
  readonly came: Set<string>;
  /** What is to be looked at when the play is over: calls in the background that must have ended by then. */
  readonly atEnd: (() => void)[];
}

/**
 * Plays a scenario. A block by policy is a legitimate end of a step: steps that need it are left out. Expectations that are not met are
 * part of what is returned.
 * @throws InputError with the place in the file where the scenario cannot be played: no address of the IP version, a filter that
 * Windows would refuse.
 */
export function playScenario(scenario: Scenario, options: PlayOptions = {}): ScenarioRun<SessionRecord> {
  const family = options.family ?? scenario.families[0] ?? 4;
  if (!scenario.families.includes(family)) {
    throw new InputError(
      `${scenario.name} is not played with IPv${family}, expected ${scenario.families.map((one) => `IPv${one}`).join(", ")}`,
    );
  }
  const play = stage(scenario, family, options);
  for (const { name } of scenario.hosts) play.filters.addAll(name);
  playSteps(scenario.steps, play);
  for (const look of play.atEnd) look();
  return {
    records: [...play.simulation.records],
    packets: play.log.packets.map(({ packet: _, ...rest }) => rest),
    unmet: play.expectations.unmet,
    checked: play.expectations.checked,
  };
}

function stage(scenario: Scenario, family: 4 | 6, options: PlayOptions): Play {
  const toLose = [...(scenario.network.lose ?? [])];
  // The network exists before the names of what it is to lose mean something.
  const late: { play?: Play } = {};
  const simulation = new Simulation(
    networkOptions(scenario.network, ({ packet }) => {
      const { play } = late;
      if (play === undefined) throw new InternalError("a packet before the play");
      const { log, names } = play;
      const context = { origins: log.origins, endpoint: names.endpointOf.bind(names) };
      const place = toLose.findIndex((described) => matchesPacket(described, packet, context));
      if (place >= 0) toLose.splice(place, 1);
      return place >= 0;
    }),
  );
  const cast = new Cast(scenario, simulation, options);
  const names = new ScenarioNames(scenario, cast, family, options.port ?? scenario.port);
  const play: Play = {
    scenario,
    simulation,
    cast,
    names,
    filters: new ScenarioFilters(cast, names),
    log: new WireLog(simulation.network, simulation.clock, scenario.network.rate, () => simulation.records.length),
    expectations: new UnmetList(),
    isChecked: options.check ?? true,
    calls: new Map(),
    came: new Set(),
    atEnd: [],
  };
  late.play = play;
  return play;
}
