// Package viewstest is the test kit of views: believable view models of every screen in every state, shared by the golden tests, by
// screenshots and by tests of other packages that need a page to look at.
//
// It may import views, views/ui and views/href. Only tests and development aids import it.
package viewstest
