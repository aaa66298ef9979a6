local masked_url = require "awl.masked_url"

describe("a URL for people", function()
  it("has no name and no password", function()
    for url, shown in pairs {
      ["http://host:1/p"] = "http://host:1/p", [""] = "", ["host"] = "host",
      ["http://u:pw@host:1"] = "http://***@host:1", ["u:pw@@host"] = "***@host",
      ["http://u:p/w@host/p"] = "http://***@host/p", ["ht tp://u:pw@"] = "***@",
    } do
      assert.are.equal(shown, masked_url(url))
    end
  end)
end)
