-- The headline numbers of the latest run of analysis.py.
--
-- Events: `trend-fitted`, `seasonal-cycle` and `yearly-comparison`, one of each a run, as the lines
-- of its events.jsonl. A later run replaces the numbers of an earlier one; `runs` counts them.

local SECTIONS = {
  ["trend-fitted"] = "trend",
  ["seasonal-cycle"] = "season",
  ["yearly-comparison"] = "years",
}

function initial()
  return { runs = 0 }
end

function fold(state, event)
  local section = SECTIONS[event.type]
  if section == nil then return state end
  state[section] = event.payload
  if section == "trend" then state.runs = state.runs + 1 end
  return state
end
