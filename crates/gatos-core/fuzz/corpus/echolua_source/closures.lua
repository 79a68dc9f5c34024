local LIMIT = { 1, "x", list(), {} }
local function twice(f, x) return f(f(x)) end
function fold(state, event)
  local n = event.n
  local function down(k) if k == 0 then return n end return down(k - 1) end
  state.a = twice(function(x) return x + n end, down(3))
  state.l = LIMIT
  return state
end
