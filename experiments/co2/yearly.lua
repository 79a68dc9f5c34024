-- Yearly sums and means of weekly CO2 measurements, exact.
--
-- Events: `measurement` {date: 19580329, co2: 316.1 or null}, as `gatos event import` makes them of
-- data/co2.csv. State: the weeks measured (`n`) and without a value (`missing`), the first and last
-- date, and the same with `sum` and `mean` for every year.
--
-- A measurement must come after the one before it. One that does not (the file was imported twice),
-- or that has no date or no number, is counted in `skipped` and changes nothing else.

local function is_usable(state, p)
  if type(p) ~= "table" or type(p.date) ~= "number" then return false end
  if state.last ~= nil and p.date <= state.last then return false end
  return p.co2 == null or p.co2 == nil or type(p.co2) == "number"
end

function initial()
  return { n = 0, missing = 0, skipped = 0, years = {} }
end

function fold(state, event)
  if event.type ~= "measurement" then return state end
  local p = event.payload
  if not is_usable(state, p) then
    state.skipped = state.skipped + 1
    return state
  end
  if state.first == nil then state.first = p.date end
  state.last = p.date

  local name = tostring(p.date // 10000)
  local year = state.years[name] or { n = 0, missing = 0, sum = 0 }
  if type(p.co2) == "number" then
    state.n = state.n + 1
    year.n = year.n + 1
    year.sum = year.sum + p.co2
    year.mean = year.sum / year.n
  else
    state.missing = state.missing + 1
    year.missing = year.missing + 1
  end
  state.years[name] = year
  return state
end
