--# case type and tostring
--# event {}
--# root bafyreiczylzrh4tnnxivjejj7eato6a4luvp3pxlgxc3qynrlekll6jbjm
--# fuel 66
--# state {"x":["1","1.5","a","true","nil","null","0"]}
function fold(state, event)
  state.x = { tostring(1), tostring(1.50), tostring("a"), tostring(true), tostring(nil), tostring(null), tostring(-0.0) }
  return state
end

--# case tonumber
--# event {}
--# root bafyreifmkna7fxj3yykmafj7t27kcak36ksutd6pqhfz4tubb67zwmoz54
--# fuel 146
--# state {"x":[12,-1.5,1000,7,0.1],"none":[true,true,true,true,true,true,true,true,true,true,true]}
function fold(state, event)
  state.x = { tonumber("12"), tonumber(" -1.50 "), tonumber("1e3"), tonumber(7), tonumber("0.1") }
  state.none = { tonumber("") == nil, tonumber("x") == nil, tonumber("0x10") == nil, tonumber("1 2") == nil, tonumber(nil) == nil, tonumber(true) == nil, tonumber("٣") == nil, tonumber("1_0") == nil, tonumber("--1") == nil, tonumber("nan") == nil, tonumber("inf") == nil }
  return state
end

--# case assert
--# event {}
--# root bafyreiepnbrhc6y3wn5y6qr47dtppkkvmf2xmulg3vh27j3mzzz4t2zuvq
--# fuel 33
--# state {"x":5,"y":["a"]}
function fold(state, event) state.x = assert(5, "x") state.y = { assert("a") } return state end

--# case list
--# event {}
--# root bafyreihpq2o3pw2etwwwv5lh6ynpjpwhwbj6bajrz2ivkr37lib5u63zy4
--# fuel 95
--# state {"n":3,"x":[[],[1,2],[[],{}]]}
function fold(state, event) state.x = { list(), list(1, 2), list(list(), {}) } state.n = #list(1, 2, 3) return state end

--# case string.len
--# event {}
--# root bafyreiey2lju2l5bdr3emkjx3hvdanqgo5arupbnmrtjmb7zxnf7ogarj4
--# fuel 38
--# state {"x":[0,3,2,6]}
function fold(state, event) state.x = { string.len(""), string.len("abc"), ("é"):len(), #"日本" } return state end

--# case string.sub
--# event {}
--# root bafyreic7zdo26gjdokic6pcv4h2q6xbbpogkeet4zsxubogwvodm5seuhe
--# fuel 108
--# state {"x":["hello","el","llo","ll","hello","lo","","","he","","hello","é",""]}
function fold(state, event)
  local s = "hello"
  state.x = { s:sub(1), s:sub(2, 3), s:sub(-3), s:sub(-3, -2), s:sub(0), s:sub(4, 100), s:sub(6), s:sub(3, 2), s:sub(-100, 2), s:sub(1, -100), s:sub(math.mininteger, math.maxinteger), ("aé"):sub(2, 3), (""):sub(1) }
  return state
end

--# case string.rep
--# event {}
--# root bafyreihkopylyc4f6qganucfh3fm3beq3jyrz7szdzplibb5h2cotwuwmm
--# fuel 69
--# state {"x":["ababab","","","ab,ab","----","x"]}
function fold(state, event)
  state.x = { ("ab"):rep(3), ("ab"):rep(0), ("ab"):rep(-1), ("ab"):rep(2, ","), (""):rep(5, "-"), ("x"):rep(1, "-") }
  return state
end

--# case string.upper and string.lower
--# event {}
--# root bafyreigfhmisdn5cjhhjszhmw4p3gvzsdupo7zj6ajjssj3hkooxcl5x3i
--# fuel 29
--# state {"x":["ABC é ı I","abc É İ i"]}
function fold(state, event) state.x = { ("aBc é ı i"):upper(), ("AbC É İ I"):lower() } return state end

--# case string.find
--# event {}
--# root bafyreidcpnz6zhmm7m723ou3fclf3esij2vgiyttghm4whxsrggoa6bkwq
--# fuel 210
--# state {"x":[[2,2],[4,4],[5,5],[1,0],[6,5],[3,5],[4,6],[4,6]],"none":[true,true,true,true]}
function fold(state, event)
  local s = "a.b.c"
  state.x = { { s:find(".") }, { s:find(".", 3) }, { s:find("c", -1) }, { s:find("") }, { s:find("", 6) }, { s:find("b.c", 1, true) }, { ("日本"):find("本") }, { ("日本"):find("本", 2) } }
  state.none = { s:find("x") == nil, s:find("", 7) == nil, s:find("a", 2) == nil, s:find("a%.b") == nil }
  return state
end

--# case string.format
--# event {}
--# root bafyreidvvauqatlspmns73waqxdjc2xuvxscpuurdc257ycvcmfkkgqvce
--# fuel 54
--# state {"x":["-5|x|1.5|%","none","a2"]}
function fold(state, event)
  state.x = { string.format("%d|%s|%s|%%", -5, "x", 1.5), string.format("none"), string.format("%s%s", "a", 2) }
  return state
end

--# case string.split
--# event {}
--# root bafyreifmtd4lqv4yhu27dmgzm55j2lwkoh4xcjqwnwtlblkv4mwe4kr2e4
--# fuel 93
--# state {"x":[["a","b"],[""],["","a",""],["a","b"],["abc"]]}
function fold(state, event) state.x = { ("a,b"):split(","), (""):split(","), (",a,"):split(","), ("a--b"):split("--"), ("abc"):split("x") } return state end

--# case string.byte
--# event {}
--# root bafyreie26pq5eg6pqm27qsr4prz7xa63xtrtpojynglqlt6wjrpyum64ii
--# fuel 113
--# state {"x":[65,[65,66,67],[66],{},[195,169],{}]}
function fold(state, event) state.x = { ("A"):byte(), { ("ABC"):byte(1, -1) }, { ("ABC"):byte(2) }, { ("ABC"):byte(10) }, { ("é"):byte(1, 2) }, { (""):byte() } } return state end

--# case string.reverse, string.startswith and string.endswith
--# event {}
--# root bafyreichmh3owtlmxnl4uxcrj6jbbj7hyn2vbfslzyh6zpkagpxoavexme
--# fuel 77
--# state {"x":["cba",""],"y":[true,false,true,true,false,true]}
function fold(state, event)
  state.x = { ("abc"):reverse(), (""):reverse() }
  state.y = { ("abc"):startswith("ab"), ("abc"):startswith("b"), ("abc"):startswith(""), ("abc"):endswith("bc"), ("abc"):endswith("abcd"), ("é"):endswith("é") }
  return state
end

--# case table.insert
--# event {}
--# root bafyreihku6pbyy5nya6h5sgk76svgln3wyskzwvnov2fsdp6ciy4babeqa
--# fuel 51
--# state {"t":["a","b","c","d"]}
function fold(state, event)
  local t = {}
  table.insert(t, "b") table.insert(t, 1, "a") table.insert(t, 3, "d") table.insert(t, 3, "c")
  state.t = t
  return state
end

--# case table.remove
--# event {}
--# root bafyreicjep47dit4ecf6zgmgvc6wgahhufizqjoytjgwvpayvgc2s4c7ki
--# fuel 96
--# state {"t":["b"],"x":["d","a","c",true,true,true]}
function fold(state, event)
  local t = { "a", "b", "c", "d" }
  state.x = { table.remove(t), table.remove(t, 1), table.remove(t, 2), table.remove(t, 2) == nil, table.remove({}) == nil, table.remove({}, 0) == nil }
  state.t = t
  return state
end

--# case table.concat
--# event {}
--# root bafyreiha7gzyyqdf6a6wxwvqu3r32zawtcsvfxogd4kgjryjreidsiqmxi
--# fuel 126
--# state {"x":["a12.5","a, 1, 2.5","1-2.5","1","","",""]}
function fold(state, event)
  local t = { "a", 1, 2.5 }
  state.x = { table.concat(t), table.concat(t, ", "), table.concat(t, "-", 2), table.concat(t, "-", 2, 2), table.concat(t, "-", 3, 2), table.concat({}), table.concat(list(), ",") }
  return state
end

--# case table.sort
--# event {}
--# root bafyreige7wnmn7jzymdpyeoa3jed6bisekn7redhfqylzraaiaoaysmc5y
--# fuel 279
--# state {"x":[[-1,1,2,2.5,3],["","C","a","b","é"],[4,3,2,1]]}
function fold(state, event)
  local a = { 3, 1, 2.5, -1, 2 }
  table.sort(a)
  local b = { "b", "a", "C", "é", "" }
  table.sort(b)
  local c = { 1, 2, 3, 4 }
  table.sort(c, function(x, y) return x > y end)
  state.x = { a, b, c }
  return state
end

--# case table.sort keeps the order of equal items
--# event {}
--# root bafyreicrs7k4vpnabceqbxwuscr5dovl4ny5wuqjo4agynp2biubcnqfcy
--# fuel 1633
--# state {"order":[3,6,9,12,15,18,1,4,7,10,13,16,19,2,5,8,11,14,17,20]}
function fold(state, event)
  local t = list()
  for i = 1, 20 do t[i] = { key = i % 3, n = i } end
  table.sort(t, function(a, b) return a.key < b.key end)
  local order = list()
  for i, item in ipairs(t) do order[i] = item.n end
  state.order = order
  return state
end

--# case table.unpack
--# event {}
--# root bafyreifbh6vjuzbpv2arwaf5xri7ybzbpm6mkxutyt6vywm6xlsfgqa6g4
--# fuel 121
--# state {"x":[[1,2,3],[2,3],[2],{},3]}
function fold(state, event)
  local t = { 1, 2, 3 }
  state.x = { { table.unpack(t) }, { table.unpack(t, 2) }, { table.unpack(t, 2, 2) }, { table.unpack(t, 3, 2) }, math.max(table.unpack(t)) }
  return state
end

--# case math
--# event {}
--# root bafyreifuryw7mn4454ekruro4xeb3wb4ovueae4e3ruzexlzau6fdxqazi
--# fuel 499
--# state {"abs":[5,5,0.5],"max":[3,1.5,-1],"min":[1,1,7],"ceil":[3,-2,7,1],"floor":[2,-3,7,0],"limits":[-9223372036854775808,9223372036854775807],"tointeger":[5,true,2]}
function fold(state, event)
  state.abs = { math.abs(-5), math.abs(5), math.abs(-0.5) }
  state.min = { math.min(3, 1, 2), math.min(1.5, 1), math.min(7) }
  state.max = { math.max(3, 1, 2), math.max(1.5, 1), math.max(-1, -2) }
  state.floor = { math.floor(2.5), math.floor(-2.5), math.floor(7), math.floor(0.1) }
  state.ceil = { math.ceil(2.5), math.ceil(-2.5), math.ceil(7), math.ceil(0.1) }
  state.tointeger = { math.tointeger(5), math.tointeger(5.5) == nil, math.tointeger(2.0) }
  state.limits = { math.mininteger, math.maxinteger }
  return state
end

--# case decimal
--# event {}
--# root bafyreih53ex6xqopsrwhnsco525z5j6e2mamvypr24gzpaxgsaeeb3w6fi
--# fuel 801
--# state {"sqrt":[0,1.414213562373095048801688724,10000000000],"round":[1.2,1.4,-1.2,12345.68,5,1.5]}
function fold(state, event)
  state.round = { decimal.round(1.25, 1), decimal.round(1.35, 1), decimal.round(-1.25, 1), decimal.round(12345.6789, 2), decimal.round(5), decimal.round(1.5, 127) }
  state.sqrt = { decimal.sqrt(0), decimal.sqrt(2), decimal.sqrt(1e20) }
  return state
end
