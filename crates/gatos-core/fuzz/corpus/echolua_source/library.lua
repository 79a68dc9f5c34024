function fold(state, event)
  local t = string.split("a,b,c", ",")
  table.sort(t, function(a, b) return a > b end)
  table.insert(t, 1, ("x"):rep(3, "-"))
  state.s = table.concat(t, " ") .. string.format("%d%s", 1, "y") .. tostring(1e-3)
  state.m = math.max(1, decimal.sqrt(2), math.floor(-1.5))
  return state
end
