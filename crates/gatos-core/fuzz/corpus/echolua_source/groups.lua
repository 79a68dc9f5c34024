function initial() return { groups = {} } end
function fold(state, event)
  local p = event.payload
  local g = state.groups[p.text] or { n = 0, sum = 0.5 }
  g.n, g.sum = g.n + 1, g.sum + p.n / 3
  state.groups[p.text] = g
  return state
end
