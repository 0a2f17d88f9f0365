package upstream

import (
	"cordboard/sync/fleet"
	"cordboard/yeastar/ycm"
)

func each[From, To any](list []From, convert func(From) To) []To {
	out := make([]To, len(list))
	for i, v := range list {
		out[i] = convert(v)
	}
	return out
}

func ids[ID ~int64](list []int64) []ID {
	return each(list, func(v int64) ID { return ID(v) })
}

func pbx(p ycm.PBX) fleet.PBX {
	return fleet.PBX{
		ID: fleet.PBXID(p.ID), Serial: p.Serial, Name: p.Name, URL: p.URL, Region: p.Region,
		Firmware: fleet.Firmware(p.Version), Status: fleet.PBXStatus(p.Status),
	}
}

func did(d ycm.DID) fleet.DID {
	return fleet.DID{
		ID: fleet.DIDID(d.ID), Number: d.Number, Name: d.Name,
		Trunks: ids[fleet.TrunkID](d.TrunkIDs), Owner: fleet.PBXID(d.PBXID),
	}
}

func trunk(t ycm.SharedTrunk) fleet.Trunk {
	return fleet.Trunk{
		ID: fleet.TrunkID(t.ID), Name: t.Name, Kind: t.Type, Region: t.RegionName,
		Headers: fleet.HeaderDefs{Known: t.HeaderDefsKnown, List: each(t.HeaderDefs, func(d ycm.HeaderDef) fleet.HeaderDef {
			return fleet.HeaderDef{ID: fleet.HeaderID(d.ID), Name: d.Name}
		})},
	}
}
