-- From the events that analysis.py left to the numbers of this study: a group's latest description.

function initial()
  return { groups = {} }
end

function fold(state, event)
  if event.type ~= "group-described" then
    return state
  end
  local result = event.payload
  state.groups[result.group] = { plants = result.plants, mean_height_cm = result.mean_height_cm }
  return state
end
