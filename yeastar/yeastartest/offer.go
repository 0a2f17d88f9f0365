package yeastartest

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (s *Server) offerRoutes(mux *http.ServeMux) {
	mux.Handle("GET /dm/open_api/v1/cluster/regions", s.api(s.listRegions))
	mux.Handle("GET /dm/open_api/v1/cluster/domains", s.api(s.listDomains))
	mux.Handle("GET /dm/open_api/v1/firmware", s.api(s.listFirmwares))
	mux.Handle("GET /dm/open_api/v1/provision_template", s.api(s.listTemplates))
	mux.Handle("GET /dm/open_api/v1/subscription", s.api(s.subscription))
}

// Domain is a domain name under which PBXs of a region have their URLs.
type Domain struct {
	ID     int64
	Region int64 // region id
	Name   string
}

// Firmware is a version that a new PBX can get.
type Firmware struct {
	ID      int64
	Version string
	Regions []int64 // ids; none = every region
}

// Template is a provisioning template.
type Template struct {
	ID       int64
	Name     string
	Created  time.Time
	Modified time.Time
}

// Subscription is what the account has paid for. What PBXs have is used; what is left
// is available, less what Frozen holds back.
type Subscription struct {
	Extensions, ConcurrentCalls, Recording, Transcription, Ultimate int64
	Frozen                                                          int64 // extensions
	Expires                                                         time.Time
}

type regionInfo struct {
	RegionID int64  `json:"regionId"`
	Region   string `json:"region"`
}

// offers is what there is to choose for a new PBX. A fresh simulator has the vendor's
// sample of regions, each with one domain of the region's id, and two firmwares.
type offers struct {
	regions      []regionInfo
	domains      []Domain
	firmwares    []Firmware
	templates    []Template
	subscription Subscription
}

func newOffers() offers {
	o := offers{
		regions: []regionInfo{{1, "China(GuangDong)"}, {2, "China(Shanghai)"}, {3, "India(Mumbai)"}, {4, defaultRegion}},
		firmwares: []Firmware{
			{ID: 764, Version: FirmwareSIPHeaders},
			{ID: 700, Version: "84.8.0.25"},
		},
		subscription: Subscription{Extensions: 20_000, ConcurrentCalls: 8_000, Recording: 500_000, Transcription: 50_000, Ultimate: 5_000},
	}
	for _, r := range o.regions {
		o.domains = append(o.domains, Domain{ID: r.RegionID, Region: r.RegionID, Name: fmt.Sprintf("r%d.pbx.example", r.RegionID)})
	}
	return o
}

// AddDomain adds a domain name for a region.
func (s *Server) AddDomain(d Domain) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.m.offers.domains = append(s.m.offers.domains, d)
}

// AddFirmware adds a version that a new PBX can get.
func (s *Server) AddFirmware(f Firmware) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.m.offers.firmwares = append(s.m.offers.firmwares, f)
}

// AddTemplate adds a provisioning template.
func (s *Server) AddTemplate(t Template) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.m.offers.templates = append(s.m.offers.templates, t)
}

// SetSubscription changes what the account has paid for.
func (s *Server) SetSubscription(sub Subscription) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.m.offers.subscription = sub
}

// RegionID is the id of a region by its name, in any case; 0 for a stranger.
func (s *Server) RegionID(name string) int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.m.regionID(name)
}

func (s *Server) listRegions(*call) (any, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.m.offers.regions), nil
}

func (s *Server) listDomains(c *call) (any, error) {
	regions, err := c.regions()
	if err != nil {
		return nil, err
	}
	if len(regions) == 0 {
		return nil, refuse(CodeInvalidParameter, "regionIds is missing")
	}
	type info struct {
		RegionID int64  `json:"regionId"`
		DomainID int64  `json:"domainId"`
		Domain   string `json:"domain"`
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := []info{}
	for _, d := range s.m.offers.domains {
		if slices.Contains(regions, d.Region) {
			list = append(list, info{d.Region, d.ID, d.Name})
		}
	}
	return list, nil
}

func (s *Server) listFirmwares(c *call) (any, error) {
	regions, err := c.regions()
	if err != nil {
		return nil, err
	}
	if c.query.Get("type") != "pbx" {
		return nil, refuse(CodeInvalidParameter, "type %q", c.query.Get("type"))
	}
	type info struct {
		VersionID int64   `json:"versionId"`
		Version   string  `json:"version"`
		RegionIDs []int64 `json:"regionIds"`
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := []info{}
	for _, f := range s.m.offers.firmwares {
		in := f.Regions
		if len(in) == 0 {
			for _, r := range s.m.offers.regions {
				in = append(in, r.RegionID)
			}
		}
		if len(regions) == 0 || slices.ContainsFunc(in, func(id int64) bool { return slices.Contains(regions, id) }) {
			list = append(list, info{f.ID, f.Version, in})
		}
	}
	return list, nil
}

// regions reads regionIds, a list with commas.
func (c *call) regions() ([]int64, error) {
	text := c.query.Get("regionIds")
	if text == "" {
		return nil, nil
	}
	var ids []int64
	for part := range strings.SplitSeq(text, ",") {
		id, err := strconv.ParseInt(part, 10, 64)
		if err != nil || id <= 0 {
			return nil, refuse(CodeInvalidParameter, "regionIds %q", text)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func (s *Server) listTemplates(*call) (any, error) {
	type info struct {
		ID       int64  `json:"provisioningTemplateId"`
		Name     string `json:"provisioningTemplateName"`
		Created  int64  `json:"provisioningTemplateCreateTime"`
		Modified int64  `json:"provisioningTemplateModifyTime"`
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := []info{}
	for _, t := range s.m.offers.templates {
		list = append(list, info{t.ID, t.Name, t.Created.Unix(), t.Modified.Unix()})
	}
	return list, nil
}

// amounts are the names that total, used and available share.
type amounts struct {
	Extensions    int64 `json:"extensionCapacity"`
	Calls         int64 `json:"concurrentCallCapacity"`
	Recording     int64 `json:"recordingCapacity"`
	Transcription int64 `json:"transcriptionCapacity"`
	Ultimate      int64 `json:"ultimatePlanCapacity"`
}

func (a amounts) less(b amounts) amounts {
	return amounts{a.Extensions - b.Extensions, a.Calls - b.Calls, a.Recording - b.Recording, a.Transcription - b.Transcription, a.Ultimate - b.Ultimate}
}

// short says whether more of something is used than there is.
func (a amounts) short() bool {
	return min(a.Extensions, a.Calls, a.Recording, a.Transcription, a.Ultimate) < 0
}

// usage is what a PBX takes from the subscription: 500 recording minutes are free.
func (p PBX) usage() amounts {
	a := amounts{Extensions: p.Extensions, Calls: p.ConcurrentCalls, Recording: max(p.RecordingMinutes-500, 0), Transcription: p.Transcription}
	if p.Plan == "Ultimate Plan" {
		a.Ultimate = p.Extensions
	}
	return a
}

// left is what the subscription has for one more PBX, or for without, which it has already.
func (m *model) left(without *pbxRec) amounts {
	s := m.offers.subscription
	left := amounts{s.Extensions - s.Frozen, s.ConcurrentCalls, s.Recording, s.Transcription, s.Ultimate}
	for _, p := range m.pbxByID {
		if p != without {
			left = left.less(p.usage())
		}
	}
	return left
}

func (s *Server) subscription(*call) (any, error) {
	type used struct {
		amounts
		Frozen int64 `json:"frozenExtensionCapacity"`
	}
	type capacity struct {
		Total     amounts  `json:"total"`
		Used      used     `json:"used"`
		Available *amounts `json:"available,omitempty"`
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	sub := s.m.offers.subscription
	total := amounts{sub.Extensions, sub.ConcurrentCalls, sub.Recording, sub.Transcription, sub.Ultimate}
	left := s.m.left(nil)
	frozen := amounts{Extensions: sub.Frozen}
	c := capacity{Total: total, Used: used{total.less(left).less(frozen), sub.Frozen}, Available: &left}
	if s.a.NoAvailable {
		c.Available = nil
	}
	expires := sub.Expires
	if expires.IsZero() {
		expires = s.cfg.Now().AddDate(1, 0, 0)
	}
	return struct {
		Capacity         capacity `json:"capacity"`
		ExpirationTime   int64    `json:"expirationTime"`
		RecordingExpire  int64    `json:"recordingExpireDate"`
		HighAvailability string   `json:"highAvailability"`
		WhiteLabel       string   `json:"whiteLabel"`
	}{c, expires.Unix(), expires.Unix(), "Disabled", "Subscribed"}, nil
}
