-- The groups and tests of the latest run of analysis.py.
--
-- Events: `birds-counted` once a run, then a `group-described` for every species and sex and a
-- `permutation-test` for every comparison, as the lines of its events.jsonl. A later run replaces
-- the numbers of an earlier one; `runs` counts them.

function initial()
  return { runs = 0, groups = {}, tests = {} }
end

function fold(state, event)
  local p = event.payload
  if event.type == "birds-counted" then
    return {
      runs = state.runs + 1,
      birds = p.birds,
      missing = p.missing,
      groups = {},
      tests = {},
    }
  end
  if event.type == "group-described" then
    state.groups[p.species .. "/" .. p.sex] = { birds = p.birds, measures = p.measures }
  elseif event.type == "permutation-test" then
    state.tests[p.name] = p
  end
  return state
end
